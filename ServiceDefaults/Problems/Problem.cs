using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace ZooPlatform.ServiceDefaults.Problems;

/// <summary>Refusals as RFC 9457 problem details, and those that every service shares.</summary>
public static class Problem
{
    /// <summary>A refusal.</summary>
    /// <param name="type">Stable: <c>stub.unknown</c> becomes <c>urn:zoo:stub.unknown</c>; never renamed.</param>
    /// <param name="detail">What happened, to what, and what to do next.</param>
    public static ProblemHttpResult Of(int status, string type, string detail, IDictionary<string, object?>? extensions = null)
    {
        // Here too: who asks for something else than JSON gets the problem without the service that would add it.
        extensions ??= new Dictionary<string, object?>();
        extensions["traceId"] = Telemetry.Requests.TraceId;
        return TypedResults.Problem(detail, statusCode: status, type: $"urn:zoo:{type}", title: TitleOf(status), extensions: extensions);
    }

    public static ProblemHttpResult SignInNeeded => Of(401, "sign-in.needed",
        "This needs a signed-in caller. Sign in, or send a token: Authorization: Bearer hf_zoop_...");

    public static ProblemHttpResult NotAllowed => Of(403, "not-allowed",
        "You may not do this. It needs a token with the scope, or a role, that yours lacks.");

    public static ProblemHttpResult RouteUnknown => Of(404, "not-found", "There is nothing here that you can see.");

    public static ProblemHttpResult LimitOutOfRange(int max) => Of(400, "limit.out-of-range", $"'limit' is a whole number from 1 to {max}. Page on with 'after'.");

    public static ProblemHttpResult CursorInvalid(string? after) => Of(400, "cursor.invalid",
        $"'{Short(after)}' is no cursor of this list. Send the 'next' of the page before, as it was; leave 'after' out to begin.");

    /// <summary>What binds parameters says with the status alone that one is not of its type.</summary>
    public static ProblemHttpResult ParametersUnreadable(HttpContext context)
    {
        var unreadable =
            from parameter in context.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? []
            where parameter.HasTryParse
            let text = context.GetRouteValue(parameter.Name) as string ?? context.Request.Query[parameter.Name].ToString()
            let type = Nullable.GetUnderlyingType(parameter.ParameterInfo.ParameterType) ?? parameter.ParameterInfo.ParameterType
            where text.Length > 0 && !TypeDescriptor.GetConverter(type).IsValid(text)
            select $"'{parameter.Name}' is {KindOf(type)}, not '{Short(text)}'.";
        return Of(400, "request.invalid", string.Join(' ', unreadable) is { Length: > 0 } said ? said : "A parameter of the address cannot be read.");
    }

    public static ProblemHttpResult IdentityUnreachable => Of(503, "identity.unreachable",
        "The sign-in service cannot be reached just now. Nothing was changed; try again in a few seconds.");

    public static ProblemHttpResult DatabaseUnreachable => Of(503, "database.unreachable",
        "The database cannot be reached just now. Nothing half was stored; try again in a few seconds.");

    public static ProblemHttpResult ServiceUnreachable => Of(503, "service.unreachable",
        "A part of the platform that this needs cannot be reached just now. Try again in a few seconds.");

    public static ProblemHttpResult DiskFull => Of(507, "disk.full",
        "The zoo's disk is full. Nothing half was stored, and uploads keep what they have. Ask the operator for space, then continue.");

    public static ProblemHttpResult DiskBroken => Of(503, "disk.broken",
        "The zoo's disk does not take or give bytes just now. Nothing half was stored. Tell the operator, then try again.");

    public static ProblemHttpResult Unexpected => Of(500, "unexpected",
        $"Something broke here; it is in the log under trace {Telemetry.Requests.TraceId ?? "none"}. Nothing half was stored.");

    /// <summary>What a caller sent, as far as an answer repeats it.</summary>
    private static string? Short(string? text) => text is { Length: > 200 } ? text[..200] : text;

    private static string KindOf(Type type) =>
        type == typeof(int) || type == typeof(long) ? "a whole number"
        : type == typeof(bool) ? "true or false"
        : type == typeof(Guid) ? "an id (a UUID)"
        : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type)).ToLowerInvariant()}"
        : $"a {type.Name}";

    private static string TitleOf(int status) => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);
}
