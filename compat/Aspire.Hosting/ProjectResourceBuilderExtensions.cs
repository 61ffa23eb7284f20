using System.Globalization;

namespace Aspire.Hosting;

/// <summary>Adds the projects of this repository.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project by the class that the build wrote for it.</summary>
    /// <param name="builder">The description.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="launchProfileName">Must be null: launch profiles are left out here, endpoints and variables are stated.</param>
    /// <exception cref="DistributedApplicationException">A launch profile was named.</exception>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new()
    {
        if (launchProfileName is not null)
        {
            throw new DistributedApplicationException(
                $"'{name}' asks for the launch profile '{launchProfileName}', which is not read here. Pass null and state endpoints and variables.");
        }

        return builder.AddResource(new ProjectResource(name))
            .WithAnnotation(new TProject())
            .WithEnvironment(context => WriteEnvironment((ProjectResource)context.Resource, builder, context));
    }

    /// <summary>Runs several processes of the project.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(replicas);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>What every ASP.NET Core project is told, before what the AppHost says.</summary>
    private static void WriteEnvironment(ProjectResource project, IDistributedApplicationBuilder builder, EnvironmentCallbackContext context)
    {
        var environment = context.EnvironmentVariables;
        environment["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
        if (context.ExecutionContext.IsPublishMode)
        {
            WritePublishedPorts(project, environment);
            return;
        }

        environment["OTEL_SERVICE_NAME"] = project.Name;
        if (builder.Configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] is { } collector)
        {
            environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector;
            environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
        }

        var urls = new ReferenceExpressionBuilder();
        foreach (var endpoint in project.GetEndpoints().Where(endpoint => endpoint.IsHttp || endpoint.IsHttps))
        {
            urls.AppendLiteral(urls.IsEmpty ? "" : ";");
            urls.AppendFormatted(ReferenceExpression.Create(
                $"{endpoint.Scheme}://{endpoint.Property(EndpointProperty.Host)}:{endpoint.Property(EndpointProperty.TargetPort)}"));
        }

        if (!urls.IsEmpty)
        {
            environment["ASPNETCORE_URLS"] = urls.Build();
        }
    }

    private static void WritePublishedPorts(ProjectResource project, Dictionary<string, object> environment)
    {
        var endpoints = project.GetEndpoints().ToArray();
        if (endpoints.Length > 0)
        {
            environment["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
        }

        foreach (var byScheme in endpoints.Where(endpoint => endpoint.IsHttp || endpoint.IsHttps).GroupBy(endpoint => endpoint.Scheme))
        {
            var ports = new ReferenceExpressionBuilder();
            foreach (var endpoint in byScheme)
            {
                ports.AppendLiteral(ports.IsEmpty ? "" : ";");
                ports.AppendFormatted(endpoint.Property(EndpointProperty.TargetPort));
            }

            environment[string.Create(CultureInfo.InvariantCulture, $"{byScheme.Key.ToUpperInvariant()}_PORTS")] = ports.Build();
        }
    }
}
