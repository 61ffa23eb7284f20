using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ZooPlatform.Tests.Support;

/// <summary>A real service on a real port, inside the test's process. Settings come before its own.</summary>
/// <typeparam name="TEntry">Any public type of the service's assembly.</typeparam>
public class ServiceApp<TEntry> : WebApplicationFactory<TEntry> where TEntry : class
{
    private readonly Dictionary<string, string?> _settings = new()
    {
        ["Auth:Jwks"] = TestTokens.Jwks,
        ["services:identity:http:0"] = "http://127.0.0.1:9",
        ["urls"] = "http://127.0.0.1:0",   // UseKestrel(0) would set it while the service may be starting already (dotnet/aspnetcore#67714)
    };

    private readonly List<ILoggerProvider> _logs = [];

    /// <summary>Sets a setting; before the first use.</summary>
    public ServiceApp<TEntry> With(string key, string? value)
    {
        _settings[key] = value;
        return this;
    }

    /// <summary>Sends what the service logs, warnings and worse, here too; before the first use.</summary>
    public ServiceApp<TEntry> With(ILoggerProvider log)
    {
        _logs.Add(log);
        return this;
    }

    /// <summary>Starts the service; its address.</summary>
    public Uri Start()
    {
        UseKestrel();
        StartServer();
        return ClientOptions.BaseAddress;
    }

    /// <summary>A client that carries this internal token.</summary>
    public HttpClient As(string token)
    {
        var client = CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = false, BaseAddress = ClientOptions.BaseAddress });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(Environments.Production);
        builder.UseContentRoot(AppContext.BaseDirectory);
        foreach (var (key, value) in _settings) builder.UseSetting(key, value);
        builder.ConfigureLogging(logging =>
        {
            logging.SetMinimumLevel(LogLevel.Warning);
            foreach (var log in _logs) logging.AddProvider(log);
        });
    }
}
