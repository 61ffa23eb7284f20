using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.ServiceDefaults.Http;

/// <summary>HTTP clients for the other services, by name of <see cref="IHttpClientFactory"/>. Addresses are
/// <c>services:&lt;name&gt;:http:0</c>, as the AppHost's references give them.</summary>
public static class ServiceClients
{
    /// <summary>The client that acts for this service itself, with the scopes it was added with: background work only.</summary>
    public static string Own(string service) => $"{service}/own";

    /// <summary>The client that acts for whoever makes the current request: passes their internal token on.</summary>
    public static string ForCaller(string service) => $"{service}/caller";

    /// <summary>The client without a token: for Identity's keys, and to ask it for tokens.</summary>
    internal static string Bare(string service) => $"{service}/bare";

    public static IHostApplicationBuilder AddServiceClient(this IHostApplicationBuilder builder, string service, params string[] scopes)
    {
        builder.AddClient(Own(service), service)
            .AddHttpMessageHandler(services => new OwnToken(services.GetRequiredService<ClientTokens>(), scopes));
        return builder;
    }

    public static IHostApplicationBuilder AddCallerClient(this IHostApplicationBuilder builder, string service)
    {
        builder.Services.AddHttpContextAccessor();
        builder.AddClient(ForCaller(service), service)
            .AddHttpMessageHandler(services => new CallersToken(services.GetRequiredService<IHttpContextAccessor>()));
        return builder;
    }

    internal static IHttpClientBuilder AddClient(this IHostApplicationBuilder builder, string name, string service) =>
        builder.Services.AddHttpClient(name, (services, client) =>
        {
            client.BaseAddress = AddressOf(services.GetRequiredService<IConfiguration>(), service);
            client.Timeout = TimeSpan.FromMinutes(10);   // whole transfers; connecting has its own limit
        }).ConfigurePrimaryHttpMessageHandler(services => GuardedHandler.Create(services.GetRequiredService<IConfiguration>()));

    /// <summary>Where a service listens.</summary>
    /// <exception cref="InvalidOperationException">The AppHost gave this service no reference to it.</exception>
    public static Uri AddressOf(IConfiguration configuration, string service) =>
        configuration[$"services:{service}:http:0"] is { } address
            ? new Uri(address)
            : throw new InvalidOperationException($"Setting services:{service}:http:0 is missing: add .WithReference({service}) in the AppHost.");

    private sealed class OwnToken(ClientTokens tokens, string[] scopes) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.GetAsync(scopes, ct));
            return await base.SendAsync(request, ct);
        }
    }

    private sealed class CallersToken(IHttpContextAccessor context) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
        {
            var caller = context.HttpContext?.GetCaller() ?? throw new InvalidOperationException("There is no request whose caller to act for.");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", caller.Token);
            return base.SendAsync(request, ct);
        }
    }
}
