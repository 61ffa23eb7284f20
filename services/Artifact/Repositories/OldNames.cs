using Microsoft.AspNetCore.Http.Features;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Repositories;

/// <summary>The way from the names that repositories had to those they have, whatever the protocol.</summary>
internal static class OldNames
{
    /// <summary>The same address below the new name, for who may read it there. Relative: clients follow that by themselves, with their credential.</summary>
    /// <param name="family">What comes before <c>{owner}/{name}</c> in the address.</param>
    /// <returns>Null: no repository that the caller may read had the name.</returns>
    public static async Task<IResult?> LeadAsync(this HttpContext context, string family)
    {
        var values = context.Request.RouteValues;
        if (values["owner"] is not string owner || values["name"] is not string name) return null;
        // What follows the name stays as it was written: a decoded path may mean something else.
        var asked = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var old = $"{family}{owner}/{name}";
        if (!asked.StartsWith(old, StringComparison.OrdinalIgnoreCase)) return null;
        var db = context.RequestServices.GetRequiredService<ArtifactDb>();
        if (await db.FindMovedAsync(context.GetCaller(), owner, name, context.RequestAborted) is not { } moved) return null;
        context.Response.Headers.CacheControl = "private, no-store";
        return TypedResults.Redirect($"{family}{moved.Owner.Name}/{moved.Name}{asked[old.Length..]}", permanent: false, preserveMethod: true);
    }
}
