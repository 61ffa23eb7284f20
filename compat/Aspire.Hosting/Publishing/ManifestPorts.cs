using System.Text.Json;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes bindings, and gives a port to each that has none and cannot leave it to the deployment tool.</summary>
internal sealed class ManifestPorts
{
    private int _next = 8000;

    public void Write(Utf8JsonWriter json, IResourceWithEndpoints resource)
    {
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToArray();
        if (endpoints.Length == 0)
        {
            return;
        }

        json.WriteStartObject("bindings");
        foreach (var endpoint in endpoints)
        {
            var targetPort = TargetPort(resource, endpoint, endpoints);
            json.WriteStartObject(endpoint.Name);
            json.WriteString("scheme", endpoint.UriScheme);
            json.WriteString("protocol", endpoint.ProtocolName);
            json.WriteString("transport", endpoint.Transport);
            if (endpoint.Port is { } port && port != targetPort)
            {
                json.WriteNumber("port", port);
            }

            if (targetPort is { } target)
            {
                json.WriteNumber("targetPort", target);
            }

            if (endpoint.IsExternal)
            {
                json.WriteBoolean("external", true);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>Null: the deployment tool chooses, as it does for a project's first http and first https endpoint.</summary>
    private int? TargetPort(IResourceWithEndpoints resource, EndpointAnnotation endpoint, EndpointAnnotation[] all)
    {
        if (endpoint.TargetPort is { } stated)
        {
            return stated;
        }

        if (resource is ContainerResource && endpoint.Port is { } shared)
        {
            return shared;
        }

        var isFirstOfItsScheme = all.First(other => other.UriScheme == endpoint.UriScheme) == endpoint;
        return resource is ProjectResource && endpoint.UriScheme is ("http" or "https") && isFirstOfItsScheme ? null : _next++;
    }
}
