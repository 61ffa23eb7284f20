using System.Reflection;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;
    private readonly ResourceCollection _resources = new();

    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        var settings = new HostApplicationBuilderSettings { Args = options.Args };
        EntryPointCapture.Current?.Configure?.Invoke(options, settings);

        AppHostAssembly = options.AssemblyName is { } name ? Assembly.Load(name) : Assembly.GetEntryAssembly();
        AppHostDirectory = Path.GetFullPath(options.ProjectDirectory ?? BuiltDirectory(AppHostAssembly) ?? Directory.GetCurrentDirectory());
        settings.ContentRootPath ??= AppHostDirectory;
        _host = new HostApplicationBuilder(settings);

        var command = AppHostCommand.Parse(options.Args ?? []);
        ExecutionContext = new(command.Operation);
        Eventing = new DistributedApplicationEventing();

        var model = new DistributedApplicationModel(_resources);
        Services.AddSingleton(model);
        Services.AddSingleton(new ResourceNotificationService(model));
        Services.AddSingleton(Eventing);
        Services.AddSingleton(ExecutionContext);
        Services.AddHealthChecks();
        Services.AddHttpClient();
        // Health is asked every few seconds; four lines for each question would bury everything else.
        _host.Logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
        if (ExecutionContext.IsPublishMode)
        {
            Services.AddSingleton(command);
            Services.AddSingleton<ManifestPublisher>();
        }
        else
        {
            Services.AddHostedService<OrchestratedRun>();
        }
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory { get; }

    public Assembly? AppHostAssembly { get; }

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public IDistributedApplicationEventing Eventing { get; }

    public IResourceCollection Resources => _resources;

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        _resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        EntryPointCapture.Current?.Take(this);
        return BuildHost();
    }

    /// <summary>What <see cref="Build"/> does when nobody looks over the entry point's shoulder.</summary>
    public DistributedApplication BuildHost()
    {
        var application = new DistributedApplication(_host.Build());
        ExecutionContext.Built(application.Services);
        return application;
    }

    private static string? BuiltDirectory(Assembly? assembly) => assembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(metadata => metadata.Key.Equals("apphostprojectpath", StringComparison.OrdinalIgnoreCase))?.Value;
}
