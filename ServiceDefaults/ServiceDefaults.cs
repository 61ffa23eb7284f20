using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Health;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;
using ZooPlatform.ServiceDefaults.Problems;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service is: callers, policies, problem details, JSON, health, telemetry, and clients for the others.</summary>
public static class ServiceDefaults
{
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemoryFactory>();
        // YARP tells each address it forwards to, with its query, where codes and mistaken tokens stand.
        foreach (var chatty in new[] { "Microsoft.AspNetCore", "System.Net.Http.HttpClient", "Npgsql", "Yarp.ReverseProxy", "ZooPlatform.ServiceDefaults.Auth.InternalTokenHandler" })
            builder.Logging.AddFilter(chatty, LogLevel.Warning);
        // What fails in EF Core is thrown, and logged where it is handled; a refused insert is no error.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", level => level == LogLevel.Warning);
        builder.AddTelemetry();
        services.AddServiceDocument();

        services.ConfigureHttpJsonOptions(options => ZooJson.Apply(options.SerializerOptions));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddProblemDetails(options => options.CustomizeProblemDetails = context => context.ProblemDetails.Extensions["traceId"] = Requests.TraceId);
        services.AddExceptionHandler<Outages>();

        services.AddSingleton(provider => SigningKeys.OverHttp(provider.GetRequiredService<IHttpClientFactory>(), builder.Configuration));
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<CheckedTokens>();
        services.AddSingleton<ClientTokens>();
        builder.AddClient(ServiceClients.Bare("identity"), "identity");
        services.AddAuthentication(InternalTokenHandler.Name)
            .AddScheme<AuthenticationSchemeOptions, InternalTokenHandler>(InternalTokenHandler.Name, null);
        Policies.Register(services.AddAuthorizationBuilder());

        builder.AddHealthPage();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(10));
        return builder;
    }

    /// <summary>The shared part of the pipeline; routes come after it.</summary>
    /// <param name="describes">It has operations under <c>/api/v1</c>, and so a part of the API's document. The gateway has none.</param>
    public static WebApplication UseServiceDefaults(this WebApplication app, bool describes = true)
    {
        app.UseRequestSpans();
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => context.HttpContext.RefuseAsync(context.HttpContext.Response.StatusCode switch
        {
            StatusCodes.Status400BadRequest => Problem.ParametersUnreadable(context.HttpContext),
            StatusCodes.Status404NotFound => Problem.RouteUnknown,
            var status => Problem.Of(status, "request.refused", "The request was refused as it stands; see the status."),
        }));
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        if (describes) app.MapServiceDocument();
        app.MapHealthPage();
        app.MapRouteList();
        return app;
    }

    /// <summary>Runs the service; a route that carries no policy stops it before it listens.</summary>
    public static Task RunServiceAsync(this WebApplication app)
    {
        Policies.RequireEverywhere(app);
        return app.RunAsync();
    }
}
