using ZooPlatform.Artifact.HubProtocol;

namespace ZooPlatform.Artifact.GitLfs;

/// <summary>A refusal as Git LFS has it: <c>{"message"}</c>.</summary>
internal sealed class LfsError(int status, string message, bool isRepositoryUnknown = false) : IResult
{
    /// <summary>That the repository is missing or hidden.</summary>
    public bool IsRepositoryUnknown => isRepositoryUnknown;

    /// <summary>The repository is missing or hidden: nobody in particular is asked for a credential, so that git sends one.</summary>
    public static LfsError RepositoryUnknown(bool anonymous) => anonymous
        ? new(401, "Sign in: user name as you like, the token as password. Or there is no such repository.", isRepositoryUnknown: true)
        : new(404, "There is no such repository that you can see.", isRepositoryUnknown: true);

    public static LfsError CapabilityRefused => new(403, "The address is not signed for this, has expired, or its right has ended. Ask for a new one by the batch call.");

    public static LfsError Damaged(string oid) => new(500, $"The stored bytes of {oid} are damaged, so they are not served. Push the file again to mend it, or tell the operator.");

    public async Task ExecuteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        if (status == 401)
        {
            response.Headers.WWWAuthenticate = "Basic realm=\"zoo\"";
            response.Headers["LFS-Authenticate"] = "Basic realm=\"zoo\"";
        }
        await response.WriteAsJsonAsync(new { message }, LenientJson.Options, LfsRoutes.MediaType, context.RequestAborted);
    }
}
