using ZooPlatform.LocalOrchestrator.Tests;

// Not run by the test host, but by tests, as processes of their own: a service, and an AppHost that may be killed.
if (Environment.GetEnvironmentVariable("TEST_ROLE") == "service")
{
    var app = WebApplication.CreateBuilder(args).Build();
    app.MapGet("/health", () => "Healthy");
    app.MapGet("/pid", () => Environment.ProcessId);
    app.MapGet("/variable/{name}", (string name) => Environment.GetEnvironmentVariable(name) ?? "");
    await app.RunAsync();
}
else
{
    var builder = DistributedApplication.CreateBuilder(args);
    TestModels.AddServers(builder);
    TestModels.AddSleeper(builder);
    await builder.Build().RunAsync();
}
