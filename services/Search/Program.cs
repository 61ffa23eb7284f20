using ZooPlatform.Contracts;
using ZooPlatform.Search;
using ZooPlatform.Search.Indexing;
using ZooPlatform.Search.Queries;
using ZooPlatform.ServiceDefaults.Data;
using ZooPlatform.ServiceDefaults.Feeds;
using ZooPlatform.ServiceDefaults.Http;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddDatabase<SearchDb>("searchdb");
builder.AddMeilisearchClient("meilisearch");
builder.Services.AddOptions<SearchOptions>().BindConfiguration("Search").ValidateDataAnnotations().ValidateOnStart();

builder.AddServiceClient("artifact", Scopes.ArtifactReadAll);
builder.AddServiceClient("catalog", Scopes.CatalogReadAll);
builder.AddFeedReader<AccessReader>();
builder.AddFeedReader<ModelReader>();

builder.Services.AddSingleton<JobSignal<IndexWriter>>();
builder.Services.AddScoped<SearchModels>();
builder.Services.AddHostedService<IndexWriter>();

var app = builder.Build();
app.UseServiceDefaults();
app.MapSearch();
await app.RunServiceAsync();

public partial class Program;
