using Microsoft.AspNetCore.Diagnostics;
using Yarp.ReverseProxy.Transforms;
using ZooPlatform.Contracts;
using ZooPlatform.Gateway;
using ZooPlatform.Gateway.Callers;
using ZooPlatform.Gateway.Files;
using ZooPlatform.Gateway.Forwarding;
using ZooPlatform.Gateway.Health;
using ZooPlatform.Gateway.Limits;
using ZooPlatform.Gateway.OpenApi;
using ZooPlatform.Gateway.Routes;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.Problems;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddServiceClient("identity", Scopes.IdentitySwap);
builder.AddServiceHealth();

var services = builder.Services;
services.AddOptions<PlatformOptions>().BindConfiguration("Platform").ValidateDataAnnotations().ValidateOnStart();
services.AddOptions<GatewayOptions>().BindConfiguration("Gateway").ValidateDataAnnotations().ValidateOnStart();
services.AddSingleton<CallerTokens>().AddSingleton<Admission>().AddSingleton<ServiceFailures>();
services.AddSingleton<StoreFolder>().AddSingleton<SendHandedFile>();
services.AddApiDocument();
services.AddRequestLimits();
if (builder.Configuration.GetConnectionString("redis") is not null)
{
    builder.AddRedisClient("redis", redis => redis.DisableHealthChecks = true);   // without it revoked tokens live their 5 s, no longer
    services.AddHostedService<ForgetCallers>();
}

var options = builder.Configuration.GetSection("Gateway").Get<GatewayOptions>() ?? new GatewayOptions();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Limits.MaxRequestBodySize = null;   // each route has its own
    kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
    kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
    kestrel.Limits.MaxConcurrentUpgradedConnections = 0;
    kestrel.ConfigureEndpointDefaults(ClearTextHttp2.Use);
});
services.AddReverseProxy()
    .LoadFromMemory(Destinations.Routes, Destinations.Clusters(builder.Configuration, options))
    .ConfigureHttpClient((_, handler) => handler.ConnectTimeout = TimeSpan.FromSeconds(3))
    .AddTransforms(transforms =>
    {
        transforms.UseDefaultForwarders = false;   // Admission has written what services may believe
        transforms.AddRequestTransform(transform =>
        {
            transform.ProxyRequest.RequestUri = RawTarget.Of(transform.HttpContext, transform.DestinationPrefix);
            if (transform.HttpContext.FindRoute() is { Service: "artifact" } && HttpMethods.IsGet(transform.HttpContext.Request.Method)
                && transform.HttpContext.RequestServices.GetRequiredService<StoreFolder>().Id is { } store)
                transform.ProxyRequest.Headers.TryAddWithoutValidation(StoreHeaders.Id, store);
            return ValueTask.CompletedTask;
        });
        transforms.AddResponseTransform(transform =>
        {
            var headers = transform.HttpContext.Response.Headers;
            if (headers.Remove(StoreHeaders.File, out var named) && transform.HttpContext.FindRoute() is { Service: "artifact" })
            {
                transform.HttpContext.Features.Set(transform.HttpContext.RequestServices.GetRequiredService<StoreFolder>().Read(named));
                transform.SuppressResponseBody = true;
            }
            if (transform.HttpContext.FindRoute() is { Cookies: Cookies.None }) transform.HttpContext.Response.Headers.Remove("Set-Cookie");
            return ValueTask.CompletedTask;
        });
    });

var app = builder.Build();
app.UseServiceDefaults(describes: false);
app.UseCrossOrigin();
app.UseRateLimiter();

app.MapApiDocument();
foreach (var nobodys in new[] { "/internal/{**rest}", "/api/v1/{**rest}" })
    app.Map(nobodys, () => Problem.RouteUnknown)
        .RequireAuthorization(Policies.Open);
app.MapReverseProxy(pipeline =>
{
    pipeline.Use(async (HttpContext context, Func<Task> next) =>
    {
        // What a service answers goes on as it is, an empty 404 too.
        if (context.Features.Get<IStatusCodePagesFeature>() is { } pages) pages.Enabled = false;
        var route = context.FindRoute()!;
        await context.RequestServices.GetRequiredService<Admission>().RunAsync(context, route, async () =>
        {
            await next();
            if (context.Features.Get<HandedFile>() is { } file) await context.RequestServices.GetRequiredService<SendHandedFile>().RunAsync(context, file, route);
            else await context.RequestServices.GetRequiredService<ServiceFailures>().AfterAsync(context, route);
        });
    });
    pipeline.UseLoadBalancing();
});
await app.RunServiceAsync();

/// <summary>Named for the tests that start the gateway.</summary>
public partial class Program;
