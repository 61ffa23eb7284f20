using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ZooPlatform.LocalOrchestrator.Processes;
using ZooPlatform.LocalOrchestrator.State;

namespace ZooPlatform.LocalOrchestrator;

/// <summary>
/// Runs an application model on this machine without containers: programs as child processes, PostgreSQL, Redis and
/// Meilisearch as such too, each replaced by <c>ConnectionStrings:name</c> where one already runs. <c>Run()</c> loads it by name.
/// </summary>
internal sealed class Orchestrator : IApplicationOrchestrator
{
    private readonly List<ResourceRun> _runs = [];
    private DataFolder? _data;

    /// <inheritdoc/>
    /// <remarks>
    /// 1. hold the data folder; 2. end what a killed run left; 3. give endpoints their addresses; 4. give generated parameters
    /// their kept values; 5. start every resource, each waiting for its own others.
    /// </remarks>
    /// <exception cref="DistributedApplicationException">It cannot run like this; the message says what to do.</exception>
    public async Task StartAsync(DistributedApplicationModel model, IServiceProvider services, CancellationToken ct)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var resources = model.Resources.ToList();

        _data = await DataFolder.OpenAsync(configuration["ZOO_DATA"] ?? DataFolder.DefaultPath(RepositoryFolder.Find()), time, ct);   // 1
        configuration["ZOO_DATA"] = _data.Path;
        try
        {
            await Leftovers.EndAsync(_data.PlatformFile.Read(), time, ct);                                                // 2
            var given = ReplaceGivenServers(resources, configuration);
            var ports = new Ports();
            foreach (var resource in resources.Except(given))                                                             // 3
            {
                Endpoints.Allocate(resource, ports);
            }
            var parameters = new GeneratedParameters(configuration, new Secrets(_data.Of("secrets.json")));               // 4
            resources.ForEach(parameters.Keep);
            _data.PlatformFile.Write(new Platform(
                PublicUrl(resources), Environment.ProcessId, await InstanceAsync(resources, ct), time.GetUtcNow()));

            var launches = new Launches(
                configuration, services.GetRequiredService<DistributedApplicationExecutionContext>(), _data, parameters, EndsAwaited(resources));
            var around = new Surroundings(
                services, services.GetRequiredService<ResourceNotificationService>(), services.GetRequiredService<IDistributedApplicationEventing>(),
                new Health(services), _data, new ConsoleLines(resources.Max(r => r.Name.Length)), time);
            _runs.AddRange(resources.Where(r => r is not ParameterResource).Select(r => new ResourceRun(r, given.Contains(r) ? null : launches.For(r), around)));
            _runs.ForEach(run => run.Start());                                                                            // 5
            ParentWatch.Start(configuration, services, time);
        }
        catch
        {
            _data.Dispose();
            _data = null;
            throw;
        }
    }

    /// <summary>Stops the programs, then the servers they use. Safe to repeat.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        await Task.WhenAll(_runs.Where(run => run.Resource is not ContainerResource).Select(run => run.StopAsync()));
        await Task.WhenAll(_runs.Where(run => run.Resource is ContainerResource).Select(run => run.StopAsync()));
        _runs.Clear();
        _data?.PlatformFile.Delete();
        _data?.Dispose();
        _data = null;
    }

    /// <summary>Servers that the operator gave an address: not started, only watched.</summary>
    private static HashSet<IResource> ReplaceGivenServers(IEnumerable<IResource> resources, IConfiguration configuration)
    {
        var given = new HashSet<IResource>();
        foreach (var server in resources.OfType<ContainerResource>())
        {
            if (configuration.GetConnectionString(server.Name) is { Length: > 0 } address)
            {
                Endpoints.AllocateGiven(server, address);
                server.Annotations.Add(new ConnectionStringRedirectAnnotation(
                    new ConnectionStringResource(server.Name, ReferenceExpression.Create($"{address}"))));
                given.Add(server);
            }
        }
        return given;
    }

    private static HashSet<string> EndsAwaited(IEnumerable<IResource> resources) => resources
        .SelectMany(resource => resource.Annotations.OfType<WaitAnnotation>())
        .Where(wait => wait.WaitType == WaitType.WaitForCompletion)
        .Select(wait => wait.Resource.Name)
        .ToHashSet();

    /// <summary>The value of the parameter <c>instance</c>, if the model has one.</summary>
    private static async Task<string> InstanceAsync(IEnumerable<IResource> resources, CancellationToken ct) =>
        resources.OfType<ParameterResource>().FirstOrDefault(p => p.Name == "instance") is { } instance
            ? await instance.GetValueAsync(ct) ?? ""
            : "";

    private static string PublicUrl(IEnumerable<IResource> resources) => resources.OfType<ProjectResource>()
        .SelectMany(project => project.Annotations.OfType<EndpointAnnotation>())
        .FirstOrDefault(endpoint => endpoint.IsExternal)?.AllocatedEndpoint?.UriString ?? "";
}
