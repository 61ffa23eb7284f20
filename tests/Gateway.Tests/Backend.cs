using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ZooPlatform.Gateway.Tests;

/// <summary>A small service that says what reached it, in headers: <c>Reached</c>, <c>Saw-Target</c> and <c>Saw-&lt;header&gt;</c>.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Backend(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Takes a request over; false: the backend answers as always.</summary>
    public Func<HttpContext, Task<bool>> Answer { get; set; } = _ => Task.FromResult(false);

    public static async Task<Backend> StartAsync(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var backend = new Backend(builder.Build());
        backend._app.Run(async context =>
        {
            context.Response.Headers["Reached"] = name;
            context.Response.Headers["Saw-Target"] = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
            foreach (var (header, value) in context.Request.Headers) context.Response.Headers[$"Saw-{header}"] = value;
            context.Response.Headers.Append("Set-Cookie", "from=backend");
            if (!await backend.Answer(context)) await context.Response.WriteAsync(name);
        });
        await backend._app.StartAsync();
        return backend;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
