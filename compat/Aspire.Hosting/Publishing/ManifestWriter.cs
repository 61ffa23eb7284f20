using System.Text.Json;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes a model in Aspire's manifest format, members in the order the tools around it expect.</summary>
/// <remarks>
/// 1. the model's resources as they were added; 2. the parameters that only expressions name; each parameter is followed by its
/// percent-encoded form where that is known by then; 3. the remaining percent-encoded forms; 4. the conditional values.
/// </remarks>
internal sealed class ManifestWriter(DistributedApplicationModel model, DistributedApplicationExecutionContext executionContext, string manifestPath)
{
    private readonly ManifestReferences _references = new(model);
    private readonly ManifestPorts _ports = new();
    private readonly HashSet<ParameterResource> _encodedWritten = [];

    public async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartObject("resources");

        // 1.
        foreach (var resource in model.Resources)
        {
            await WriteResourceAsync(json, resource, cancellationToken);
        }

        // 2. Writing one may name another.
        for (var i = 0; i < _references.Resources.Count; i++)
        {
            await WriteResourceAsync(json, _references.Resources[i], cancellationToken);
        }

        // 3.
        foreach (var parameter in _references.UriEncoded)
        {
            WriteUriEncoded(json, parameter);
        }

        // 4.
        foreach (var condition in _references.Conditions)
        {
            json.WriteStartObject(condition.Name);
            json.WriteString("type", "value.v0");
            json.WriteString("connectionString", (await condition.ChooseAsync(cancellationToken)).ValueExpression);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private async Task WriteResourceAsync(Utf8JsonWriter json, IResource resource, CancellationToken cancellationToken)
    {
        json.WriteStartObject(resource.Name);
        switch (resource)
        {
            case ProjectResource project:
                await WriteProjectAsync(json, project, cancellationToken);
                break;
            case ContainerResource container:
                await WriteContainerAsync(json, container, cancellationToken);
                break;
            case ExecutableResource executable:
                await WriteExecutableAsync(json, executable, cancellationToken);
                break;
            case ParameterResource parameter:
                WriteParameter(json, parameter);
                break;
            case IResourceWithConnectionString value:
                json.WriteString("type", "value.v0");
                WriteConnectionString(json, value);
                break;
            default:
                json.WriteString("error", "This resource does not support generation in the manifest.");
                break;
        }

        json.WriteEndObject();
        if (resource is ParameterResource written && _references.UriEncoded.Contains(written))
        {
            WriteUriEncoded(json, written);
        }
    }

    private async Task WriteProjectAsync(Utf8JsonWriter json, ProjectResource project, CancellationToken cancellationToken)
    {
        if (!project.TryGetLastAnnotation<IProjectMetadata>(out var metadata))
        {
            throw new DistributedApplicationException($"The project '{project.Name}' has no path. Add it with AddProject<Projects.Name>.");
        }

        json.WriteString("type", "project.v0");
        json.WriteString("path", RelativePath(metadata.ProjectPath));
        await WriteProcessAsync(json, project, cancellationToken);
    }

    private async Task WriteContainerAsync(Utf8JsonWriter json, ContainerResource container, CancellationToken cancellationToken)
    {
        if (!container.TryGetLastAnnotation<ContainerImageAnnotation>(out var image))
        {
            throw new DistributedApplicationException($"The container '{container.Name}' has no image. Call WithImage.");
        }

        json.WriteString("type", "container.v0");
        if (container is IResourceWithConnectionString server)
        {
            WriteConnectionString(json, server);
        }

        json.WriteString("image", (image.Registry is null ? "" : image.Registry + "/") + image.Image + ":" + (image.Tag ?? "latest"));
        if (container.Entrypoint is not null)
        {
            json.WriteString("entrypoint", container.Entrypoint);
        }

        await WriteArgumentsAsync(json, container, cancellationToken);
        WriteMounts(json, container, "bindMounts", "source", ContainerMountType.BindMount);
        WriteMounts(json, container, "volumes", "name", ContainerMountType.Volume);
        await WriteEnvironmentAsync(json, container, cancellationToken);
        _ports.Write(json, container);
    }

    private async Task WriteExecutableAsync(Utf8JsonWriter json, ExecutableResource executable, CancellationToken cancellationToken)
    {
        json.WriteString("type", "executable.v0");
        json.WriteString("workingDirectory", RelativePath(executable.WorkingDirectory));
        json.WriteString("command", executable.Command);
        await WriteProcessAsync(json, executable, cancellationToken);
    }

    private async Task WriteProcessAsync(Utf8JsonWriter json, IResourceWithEndpoints resource, CancellationToken cancellationToken)
    {
        await WriteArgumentsAsync(json, resource, cancellationToken);
        await WriteEnvironmentAsync(json, resource, cancellationToken);
        _ports.Write(json, resource);
    }

    private async Task WriteArgumentsAsync(Utf8JsonWriter json, IResource resource, CancellationToken cancellationToken)
    {
        var arguments = await ResourceConfiguration.ArgumentsAsync(resource, cancellationToken);
        if (arguments.Count == 0)
        {
            return;
        }

        json.WriteStartArray("args");
        foreach (var argument in arguments)
        {
            json.WriteStringValue(_references.TextOf(argument));
        }

        json.WriteEndArray();
    }

    private async Task WriteEnvironmentAsync(Utf8JsonWriter json, IResource resource, CancellationToken cancellationToken)
    {
        var environment = await ResourceConfiguration.EnvironmentAsync(resource, executionContext, cancellationToken);
        if (environment.Count == 0)
        {
            return;
        }

        json.WriteStartObject("env");
        foreach (var (name, value) in environment)
        {
            json.WriteString(name, _references.TextOf(value));
        }

        json.WriteEndObject();
    }

    private void WriteMounts(Utf8JsonWriter json, ContainerResource container, string member, string sourceMember, ContainerMountType type)
    {
        var mounts = container.Annotations.OfType<ContainerMountAnnotation>().Where(mount => mount.Type == type).ToArray();
        if (mounts.Length == 0)
        {
            return;
        }

        json.WriteStartArray(member);
        foreach (var mount in mounts)
        {
            json.WriteStartObject();
            if (mount.Source is not null)
            {
                json.WriteString(sourceMember, type == ContainerMountType.BindMount ? RelativePath(mount.Source) : mount.Source);
            }

            json.WriteString("target", mount.Target);
            json.WriteBoolean("readOnly", mount.IsReadOnly);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteConnectionString(Utf8JsonWriter json, IResourceWithConnectionString resource) =>
        json.WriteString("connectionString", _references.TextOf(resource.ConnectionStringExpression));

    private static void WriteParameter(Utf8JsonWriter json, ParameterResource parameter)
    {
        json.WriteString("type", "parameter.v0");
        if (parameter.IsConnectionString)
        {
            json.WriteString("connectionString", $"{{{parameter.Name}.value}}");
        }

        json.WriteString("value", $"{{{parameter.Name}.inputs.value}}");
        json.WriteStartObject("inputs");
        json.WriteStartObject("value");
        json.WriteString("type", "string");
        if (parameter.Secret)
        {
            json.WriteBoolean("secret", true);
        }

        ManifestDefaults.Write(json, parameter.Default);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteUriEncoded(Utf8JsonWriter json, ParameterResource parameter)
    {
        if (!_encodedWritten.Add(parameter))
        {
            return;
        }

        json.WriteStartObject(UriEncodedValue.NameFor(parameter));
        json.WriteString("type", "annotated.string");
        json.WriteString("value", parameter.ValueExpression);
        json.WriteString("filter", "uri");
        json.WriteEndObject();
    }

    private string RelativePath(string path) =>
        Path.GetRelativePath(Path.GetDirectoryName(manifestPath)!, path).Replace('\\', '/');
}
