using System.Reflection;
using Microsoft.Extensions.Configuration;
using ZooPlatform.LocalOrchestrator.Processes;
using ZooPlatform.LocalOrchestrator.Servers;
using ZooPlatform.LocalOrchestrator.State;

namespace ZooPlatform.LocalOrchestrator;

/// <summary>Says how each kind of resource is started here. Endpoints are allocated by then.</summary>
internal sealed class Launches(
    IConfiguration configuration, DistributedApplicationExecutionContext execution, DataFolder data, GeneratedParameters parameters, HashSet<string> awaitedEnds)
{
    // The AppHost, its projects and this assembly are built together.
    private static readonly string _configuration =
        typeof(Launches).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Release";

    /// <summary>Null for a resource that is no process, such as a database or a parameter.</summary>
    /// <exception cref="DistributedApplicationException">It is a container that nothing here can stand in for, or is to run more than once.</exception>
    public Func<CancellationToken, Task<Launch>>? For(IResource resource) => resource switch
    {
        ProjectResource project when project.GetReplicaCount() > 1 => throw new DistributedApplicationException(
            $"'{project.Name}' asks for {project.GetReplicaCount()} replicas, and nothing here shares requests among them: each service runs once. "
            + "Leave out WithReplicas, or run this model where containers run."),
        ProjectResource project => ct => ProjectAsync(project, ct),
        ExecutableResource executable => ct => ExecutableAsync(executable, ct),
        PostgresServerResource server => async ct => await new PostgresServer(
            server.Name, data.Of("postgres"), PortOf(server), await TextAsync(server.UserNameReference, ct), await TextAsync(server.PasswordParameter, ct),
            configuration["ZOO_POSTGRES_BIN"]).PrepareAsync(ct),
        RedisResource server => async ct => await new RedisServer(
            server.Name, data.Of("redis"), PortOf(server), await TextAsync(server.PasswordParameter!, ct), configuration["ZOO_REDIS_SERVER"]).PrepareAsync(ct),
        MeilisearchResource server => async ct => await new MeilisearchServer(
            server.Name, data.Of("meilisearch"), PortOf(server), await TextAsync(server.MasterKeyParameter, ct), configuration["ZOO_MEILISEARCH"]).PrepareAsync(ct),
        ContainerResource container => throw new DistributedApplicationException(
            $"'{container.Name}' is a container, and nothing here runs containers. PostgreSQL, Redis and Meilisearch are run from programs of this machine; "
            + "anything else must be an executable or a server given by address."),
        _ => null,
    };

    private async Task<Launch> ProjectAsync(ProjectResource project, CancellationToken ct)
    {
        var path = project.Annotations.OfType<IProjectMetadata>().Single().ProjectPath;
        var folder = Path.GetDirectoryName(path)!;
        var output = Path.Combine(folder, "bin", _configuration, "net10.0");
        var programs = Directory.Exists(output) ? Directory.GetFiles(output, "*.runtimeconfig.json") : [];
        if (programs is not [var runtimeConfig])
        {
            throw new DistributedApplicationException(
                $"'{project.Name}' is not built: {output} does not hold one program. Run dotnet build -c {_configuration} {path}");
        }

        var environment = await EnvironmentAsync(project, ct);
        environment.TryAdd("ASPNETCORE_ENVIRONMENT", "Production");
        return new Launch
        {
            Name = project.Name,
            FileName = Path.GetFileName(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet",
            Arguments = [runtimeConfig.Replace(".runtimeconfig.json", ".dll"), .. await ArgumentsAsync(project, ct)],
            WorkingDirectory = folder,
            Environment = environment,
            MayFinish = awaitedEnds.Contains(project.Name),
        };
    }

    private async Task<Launch> ExecutableAsync(ExecutableResource executable, CancellationToken ct) => new()
    {
        Name = executable.Name,
        FileName = executable.Command,
        Arguments = await ArgumentsAsync(executable, ct),
        WorkingDirectory = executable.WorkingDirectory,
        Environment = await EnvironmentAsync(executable, ct),
        MayFinish = true,
    };

    private async Task<Dictionary<string, string>> EnvironmentAsync(IResource resource, CancellationToken ct)
    {
        var texts = new Dictionary<string, string>();
        foreach (var (name, value) in await ResourceConfiguration.EnvironmentAsync(resource, execution, ct))
        {
            parameters.Keep(value);
            if (await ResourceConfiguration.ValueAsync(value, ct) is { } text)
            {
                texts[name] = text;
            }
        }
        return texts;
    }

    private async Task<List<string>> ArgumentsAsync(IResource resource, CancellationToken ct)
    {
        var texts = new List<string>();
        foreach (var value in await ResourceConfiguration.ArgumentsAsync(resource, ct))
        {
            parameters.Keep(value);
            if (await ResourceConfiguration.ValueAsync(value, ct) is { } text)
            {
                texts.Add(text);
            }
        }
        return texts;
    }

    private async Task<string> TextAsync(IValueProvider value, CancellationToken ct)
    {
        parameters.Keep(value);
        return await value.GetValueAsync(ct) ?? throw new DistributedApplicationException($"'{value}' has no value.");
    }

    private static int PortOf(IResource server) => server.Annotations.OfType<EndpointAnnotation>().First().AllocatedEndpoint!.Port;
}
