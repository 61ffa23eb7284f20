using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using ZooPlatform.Contracts;

namespace ZooPlatform.ServiceDefaults.OpenApi;

/// <summary>A request of an operation as the API's document shows it. A system test sends every one to a running zoo.</summary>
/// <param name="Parameters">By name, in path or query.</param>
/// <param name="Body">JSON, or text when the operation takes bytes; null: no body.</param>
/// <param name="From">What only an earlier answer tells: where it goes (a parameter's name, or <c>body.member</c>) and where it comes
/// from (<c>CreateRun.id</c>: the member <c>id</c> of that operation's answer).</param>
internal sealed record OperationExample(
    IReadOnlyDictionary<string, JsonNode> Parameters, JsonNode? Body, IReadOnlyDictionary<string, string> From)
{
    /// <summary>Several on one route are one: the inner says more than its group.</summary>
    public static OperationExample Of(IEnumerable<OperationExample> all) => all.Aggregate(
        new OperationExample(new Dictionary<string, JsonNode>(), null, new Dictionary<string, string>()),
        (outer, inner) => new OperationExample(Joined(outer.Parameters, inner.Parameters), inner.Body ?? outer.Body, Joined(outer.From, inner.From)));

    private static Dictionary<string, T> Joined<T>(IReadOnlyDictionary<string, T> outer, IReadOnlyDictionary<string, T> inner) =>
        new(outer.Where(pair => !inner.ContainsKey(pair.Key)).Concat(inner), StringComparer.Ordinal);
}

public static class OperationExamples
{
    /// <summary>An example of the operation: its body (a contract, or text for bytes; null: none) and its parameters.</summary>
    public static TBuilder WithExample<TBuilder>(this TBuilder route, object? body = null, params (string Name, object Value)[] parameters)
        where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new OperationExample(parameters.ToDictionary(pair => pair.Name, pair => Json(pair.Value)!), Json(body), new Dictionary<string, string>()));

    /// <summary>A part of the example that only an earlier answer tells.</summary>
    /// <param name="to">A parameter's name, or <c>body.member</c>.</param>
    /// <param name="from"><c>CreateRun.id</c>.</param>
    public static TBuilder WithExampleFrom<TBuilder>(this TBuilder route, string to, string from) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new OperationExample(new Dictionary<string, JsonNode>(), null, new Dictionary<string, string> { [to] = from }));

    private static JsonNode? Json(object? value)
    {
        var node = value is null ? null : JsonSerializer.SerializeToNode(value, value.GetType(), ZooJson.Options);
        if (node is JsonObject members)
            foreach (var absent in members.Where(member => member.Value is null).Select(member => member.Key).ToList()) members.Remove(absent);
        return node;
    }
}
