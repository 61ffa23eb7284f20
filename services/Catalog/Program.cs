using ZooPlatform.Catalog;
using ZooPlatform.Catalog.Benchmarks;
using ZooPlatform.Catalog.HubProtocol;
using ZooPlatform.Catalog.Inspections;
using ZooPlatform.Catalog.Lineage;
using ZooPlatform.Catalog.Models;
using ZooPlatform.Catalog.Stubs;
using ZooPlatform.Catalog.Taxonomies;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.ServiceDefaults.Data;
using ZooPlatform.ServiceDefaults.Feeds;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.Telemetry;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddDatabase<CatalogDb>("catalogdb");
builder.Services.AddOptions<CatalogOptions>().BindConfiguration("Catalog").ValidateDataAnnotations().ValidateOnStart();

builder.AddFeed();
builder.AddServiceClient("artifact", Scopes.ArtifactReadAll);
builder.AddServiceClient("benchmark", Scopes.BenchmarkReadAll);
builder.AddQueueDepth("inspections", "select count(*) from inspection_jobs");
builder.AddAccessReader<RepositoryReader>();
builder.AddFeedReader<RunSummaryReader>();

builder.Services.AddSingleton<JobSignal<InspectionWorker>>();
builder.Services.AddSingleton<ArtifactFiles>();
builder.Services.AddScoped<ReadRevision>();
builder.Services.AddScoped<StoreReading>();
builder.Services.AddScoped<FamilyOf>();
builder.Services.AddHostedService<InspectionWorker>();

var app = builder.Build();
app.UseServiceDefaults();
app.MapModels();
app.MapLineage();
app.MapStubs();
app.MapTaxonomy();
app.MapInternal();
app.MapHubLists();
app.MapCardCheck();
app.MapFeed<CatalogDb, ModelState>(Scopes.CatalogReadAll, ModelStates.LoadAsync);
await app.RunServiceAsync();

public partial class Program;
