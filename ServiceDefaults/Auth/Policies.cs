using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ZooPlatform.Contracts;

namespace ZooPlatform.ServiceDefaults.Auth;

/// <summary>The policies a route can carry. A route without one stops start-up.</summary>
public static class Policies
{
    /// <summary>No token at all: health, keys, sign-in pages.</summary>
    public const string Open = "open";

    /// <summary>The gateway's: the service that the request goes to decides, by the policy of its own route.</summary>
    public const string Forwarded = "forwarded";

    /// <summary>Anybody, also anonymous; a signed-in caller's token needs the scope <c>read</c>. What they see is the query's business.</summary>
    public const string Read = "read";

    /// <summary>Signed in (a person or a service account), with the scope <c>read</c>.</summary>
    public const string SignedIn = "signed-in";

    /// <summary>Signed in, with the scope <c>write</c>.</summary>
    public const string Write = "write";

    /// <summary>Signed in, with the scope <c>infer</c>.</summary>
    public const string Infer = "infer";

    /// <summary>A person, with the scope <c>admin</c>.</summary>
    public const string Admin = "admin";

    /// <summary>An administrator of the instance, with the scope <c>admin</c>.</summary>
    public const string Administrator = "administrator";

    /// <summary>One of the platform's services, whose token has this scope; for <c>/internal</c>.</summary>
    public static string Service(string scope) => $"service:{scope}";

    internal static void Register(AuthorizationBuilder authorization)
    {
        authorization
            .AddPolicy(Open, policy => policy.RequireAssertion(_ => true))
            .AddPolicy(Forwarded, policy => policy.RequireAssertion(_ => true))
            .AddPolicy(Read, Of(caller => caller.IsAnonymous || caller.Scopes.Contains(Scopes.Read)))
            .AddPolicy(SignedIn, Of(caller => caller.ActorId is not null && caller.Scopes.Contains(Scopes.Read)))
            .AddPolicy(Write, Of(caller => caller.ActorId is not null && caller.Scopes.Contains(Scopes.Write)))
            .AddPolicy(Infer, Of(caller => caller.ActorId is not null && caller.Scopes.Contains(Scopes.Infer)))
            .AddPolicy(Admin, Of(caller => caller.UserId is not null && caller.Scopes.Contains(Scopes.Admin)))
            .AddPolicy(Administrator, Of(caller => caller.IsAdministrator && caller.Scopes.Contains(Scopes.Admin)));
        foreach (var scope in new[] { Scopes.IdentitySwap, Scopes.IdentityReadAll, Scopes.IdentityReadCallers, Scopes.ArtifactReadAll, Scopes.CatalogReadAll, Scopes.BenchmarkReadAll })
            authorization.AddPolicy(Service(scope), Of(caller => caller.IsService && caller.Scopes.Contains(scope)));
    }

    /// <summary>Stops start-up when a route carries no policy.</summary>
    internal static void RequireEverywhere(IEndpointRouteBuilder routes)
    {
        var bare = routes.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().All(data => data.Policy is null))
            .Select(endpoint => endpoint.RoutePattern.RawText).Distinct().ToList();
        if (bare.Count > 0)
            throw new InvalidOperationException($"These routes carry no policy: {string.Join(", ", bare)}. Give each .RequireAuthorization(Policies....).");
    }

    private static Action<AuthorizationPolicyBuilder> Of(Func<Caller, bool> allowed) => policy => policy
        .RequireAuthenticatedUser()
        .RequireAssertion(context => context.Resource is HttpContext http && http.Features.Get<Caller>() is { } caller && allowed(caller));
}
