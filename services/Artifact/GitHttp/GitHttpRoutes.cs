using System.IO.Compression;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Artifact.GitHttp;

/// <summary>git over HTTP, to clone, fetch and pull. Pushing is refused in words that git shows.</summary>
internal static class GitHttpRoutes
{
    /// <summary>Of wants and haves, inflated: 160,000 of them.</summary>
    private const long MaxRequestBytes = 8 << 20;

    private const string NoPush = "This zoo takes no push by git. Use 'zoo push', or 'hf upload'; then 'git pull' gets what was pushed.";

    public static void MapGitHttp(this IEndpointRouteBuilder routes)
    {
        var git = routes.MapGroup("/{owner}/{name}").RequireAuthorization(Policies.Read).WithMetadata(ErrorShape.Git).ExcludeFromDescription();
        git.MapGet("/info/refs", Advertise);
        git.MapPost("/git-upload-pack", Upload);
        git.MapPost("/git-receive-pack", Receive);
    }

    private static async Task<IResult> Advertise(
        string owner, string name, Caller caller, ArtifactDb db, UploadPackV0 first, HttpContext context, CancellationToken ct, string? service = null)
    {
        if (await FindAsync(db, caller, owner, name, ct) is not { } repository)
        {
            // git goes on where its first request was led to.
            return await db.FindMovedAsync(caller, owner, Bare(name), ct) is { } moved
                ? TypedResults.Redirect($"/{moved.Owner.Name}/{moved.Name}.git/info/refs{context.Request.QueryString}", permanent: false, preserveMethod: true)
                : Hidden(caller, owner, name);
        }
        if (service is not ("git-upload-pack" or "git-receive-pack"))
            return Refused(Problem.Of(400, "git.not-smart", "This zoo speaks git's smart protocol only: GET .../info/refs?service=git-upload-pack. Use git 1.7 or newer."));
        var response = Begin(context, $"application/x-{service}-advertisement");
        var output = response.BodyWriter;
        if (service == "git-receive-pack")
        {
            output.Line($"# service={service}");
            output.Flush();
            response.Refuse(NoPush);
        }
        else if (SpeaksVersion2(context.Request))
        {
            output.Line($"# service={service}");
            output.Flush();
            foreach (var capability in UploadPack.Capabilities) output.Line(capability);
            output.Flush();
        }
        else
        {
            output.Line($"# service={service}");
            output.Flush();
            await first.AdvertiseAsync(repository.Id, response, ct);
        }
        await output.FlushAsync(ct);
        return Results.Empty;
    }

    private static async Task<IResult> Upload(
        string owner, string name, Caller caller, ArtifactDb db, UploadPack second, UploadPackV0 first, HttpContext context, CancellationToken ct)
    {
        if (await FindAsync(db, caller, owner, name, ct) is not { } repository) return Hidden(caller, owner, name);
        var request = new PktReader(BodyOf(context.Request), MaxRequestBytes);
        var response = Begin(context, "application/x-git-upload-pack-result");
        if (SpeaksVersion2(context.Request)) await second.RunAsync(repository.Id, request, response, ct);
        else await first.RunAsync(repository.Id, request, response, ct);
        await response.BodyWriter.FlushAsync(ct);
        return Results.Empty;
    }

    private static async Task<IResult> Receive(string owner, string name, Caller caller, ArtifactDb db, CancellationToken ct) =>
        await FindAsync(db, caller, owner, name, ct) is null ? Hidden(caller, owner, name) : Refused(Problem.Of(403, "git.no-push", NoPush));

    private static Task<Repository?> FindAsync(ArtifactDb db, Caller caller, string owner, string name, CancellationToken ct) =>
        db.FindAsync(caller, owner, Bare(name), ct);

    private static string Bare(string name) => name.EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;

    /// <remarks>git sends its user's credential only after a 401; what is hidden and what is missing get the same one.</remarks>
    private static Refused Hidden(Caller caller, string owner, string name) =>
        Refused(caller.IsAnonymous ? Problem.SignInNeeded : ArtifactProblems.RepositoryUnknown(owner, name));

    private static Refused Refused(Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult refusal) => new(refusal, ErrorShape.Git);

    private static HttpResponse Begin(HttpContext context, string contentType)
    {
        context.Response.ContentType = contentType;
        context.Response.Headers.CacheControl = "no-cache, max-age=0, must-revalidate";
        return context.Response;
    }

    private static bool SpeaksVersion2(HttpRequest request) =>
        request.Headers["Git-Protocol"].ToString().Split(':').Contains("version=2", StringComparer.Ordinal);

    private static Stream BodyOf(HttpRequest request) => request.Headers.ContentEncoding.ToString() switch
    {
        "" or "identity" => request.Body,
        "gzip" or "x-gzip" => new GZipStream(request.Body, CompressionMode.Decompress),
        _ => throw new BadHttpRequestException("The body's Content-Encoding is none that git sends. Send it as it is, or as gzip.", StatusCodes.Status415UnsupportedMediaType),
    };
}
