using Microsoft.AspNetCore.Http.HttpResults;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Identity.Tokens;

internal static class InternalTokenRoutes
{
    public static void MapInternalTokens(this IEndpointRouteBuilder routes)
    {
        var tokens = routes.MapGroup("/internal/tokens").ExcludeFromDescription();
        tokens.MapPost("/swap", Swap).RequireAuthorization(Policies.Service(Scopes.IdentitySwap));
        routes.MapPost("/internal/callers", Caller).RequireAuthorization(Policies.Service(Scopes.IdentityReadCallers)).ExcludeFromDescription();
        tokens.MapPost("/client", ForClient).RequireAuthorization(Policies.Open);   // proves itself by its secret
    }

    private static async Task<Results<Ok<SwapAnswer>, ProblemHttpResult>> Swap(
        SwapRequest request, SwapCredential swap, HttpContext context, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "no-store";
        return await swap.RunAsync(request.Kind, request.Value, ct) is { } answer ? TypedResults.Ok(answer) : IdentityProblems.CredentialRefused;
    }

    private static async Task<Results<Ok<InternalClaims>, ProblemHttpResult>> Caller(
        CallerRequest request, FindCaller find, HttpContext context, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "no-store";
        return await find.RunAsync(request.Subject, request.ClientId, ct) is { } claims ? TypedResults.Ok(claims) : IdentityProblems.CallerUnknown;
    }

    private static Results<Ok<SwapAnswer>, ProblemHttpResult> ForClient(
        ClientTokenRequest request, HttpContext context, PlatformServices services, InternalTokens tokens)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (services.Authenticate(context.Request.Headers.Authorization) is not { } service)
        {
            context.Response.Headers.WWWAuthenticate = "Basic";
            return IdentityProblems.ClientRefused;
        }
        if (request.Scopes.FirstOrDefault(scope => !PlatformServices.MayHave(service, scope)) is { } refused)
            return IdentityProblems.ScopeNotForClient(service, refused);
        return TypedResults.Ok(tokens.ForClient(service, request.Scopes));
    }
}
