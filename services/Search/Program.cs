using ZooPlatform.Contracts;
using ZooPlatform.Search;
using ZooPlatform.Search.Indexing;
using ZooPlatform.Search.Names;
using ZooPlatform.Search.Queries;
using ZooPlatform.Search.Rebuilds;
using ZooPlatform.ServiceDefaults.Data;
using ZooPlatform.ServiceDefaults.Feeds;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.Telemetry;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddDatabase<SearchDb>("searchdb");
builder.AddMeilisearchClient("meilisearch");
builder.Services.AddOptions<SearchOptions>().BindConfiguration("Search").ValidateDataAnnotations().ValidateOnStart();

builder.AddServiceClient("artifact", Scopes.ArtifactReadAll);
builder.AddServiceClient("catalog", Scopes.CatalogReadAll);
builder.AddQueueDepth("index", "select count(*) from entries where dirty");
builder.AddAccessReader<AccessReader>();
builder.AddFeedReader<ModelReader>();

builder.Services.AddSingleton<JobSignal<IndexWriter>>();
builder.Services.AddSingleton<Indexes>();
builder.Services.AddScoped<BuildIndex>();
builder.Services.AddHostedService<IndexWriter>();

builder.Services.AddSingleton<NearNames>();
builder.Services.AddHostedService<FollowNames>();
builder.Services.AddSingleton<Standings>();
builder.Services.AddScoped<SearchModels>();

var app = builder.Build();
app.UseServiceDefaults();
app.MapSearch();
app.MapReindex();
await app.RunServiceAsync();

public partial class Program;
