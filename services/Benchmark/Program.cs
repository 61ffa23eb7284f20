using ZooPlatform.Benchmark;
using ZooPlatform.Benchmark.Devices;
using ZooPlatform.Benchmark.Repositories;
using ZooPlatform.Benchmark.Runs;
using ZooPlatform.Benchmark.Serving;
using ZooPlatform.Benchmark.Workers;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.ServiceDefaults.Data;
using ZooPlatform.ServiceDefaults.Feeds;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.Telemetry;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddDatabase<BenchmarkDb>("benchmarkdb");
builder.AddServiceClient("artifact", Scopes.ArtifactReadAll);
builder.AddServiceClient("catalog", Scopes.CatalogReadAll);
builder.AddFeed();
builder.AddQueueDepth("runs", "select count(*) from runs where status = 'queued'");

var services = builder.Services;
services.AddOptions<BenchmarkOptions>().BindConfiguration("Benchmark").ValidateDataAnnotations().ValidateOnStart();
services.AddSingleton<WorkerFolders>();
services.AddHealthChecks().AddCheck<WorkersCheck>("workers");
services.AddSingleton<ModelStore>();
services.AddSingleton<JobSignal<Runner>>();
services.AddScoped<PrepareJob>();
services.AddScoped<MeasureRun>();
services.AddSingleton<KnownModels>();
services.AddSingleton<InspectedRevisions>();
services.AddSingleton<FindModelFile>();
services.AddSingleton<Infer>();
services.Insert(0, ServiceDescriptor.Singleton<IProblemDetailsWriter, InferenceProblems>());   // before the one that takes all
services.AddScoped<QueueRun>();

// In this order: the device is measured before anything can be queued for it.
services.AddSingleton<ThisDevice>();
services.AddHostedService(provider => provider.GetRequiredService<ThisDevice>());
services.AddSingleton<Deployments>();
services.AddHostedService(provider => provider.GetRequiredService<Deployments>());
builder.AddAccessReader<RepositoryReader>();
builder.AddFeedReader<ModelReader>();
services.AddHostedService<Runner>();

var app = builder.Build();
app.UseServiceDefaults();
app.MapFeed<BenchmarkDb, RunSummaryState>(Scopes.BenchmarkReadAll, RunSummaries.LoadAsync);
app.MapRuns();
app.MapDevices();
app.MapDeployments();
app.MapOpenInference();
await app.RunServiceAsync();

/// <summary>For the tests, which start the service in their own process.</summary>
public partial class Program;
