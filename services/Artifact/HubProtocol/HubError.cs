using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>A refusal as Hugging Face clients read it: Python from the headers first, JavaScript from the body, both by status.</summary>
/// <param name="code"><c>X-Error-Code</c>; null: the protocol has none for this.</param>
/// <param name="revision">What the branch or tag stood at: a client then remembers that the file is missing there.</param>
/// <param name="url">Of a repository that exists already.</param>
internal sealed class HubError(int status, string? code, string message, string? revision = null, string? url = null) : IResult
{
    private const int MaxMessageChars = 500;

    /// <summary>Missing or hidden: nobody in particular gets 401, so that they sign in; the code says the same in both cases.</summary>
    public static HubError RepositoryUnknown(Caller caller, string owner, string name) => new(caller.IsAnonymous ? 401 : 404, "RepoNotFound",
        $"Repository not found: there is no '{owner}/{name}' that you can see. If it is private, send a token that may read it.");

    public static HubError RevisionUnknown(string revision) => new(404, "RevisionNotFound", $"Invalid rev id: there is no branch, tag or commit '{revision}' here.");

    public static HubError EntryUnknown(string path, string? revision) => new(404, "EntryNotFound", $"Entry not found: '{path}' does not exist in this revision.", revision);

    public static HubError Forbidden(string what) => new(403, null, $"You may not {what} here: it needs a token with the scope write and a higher role in this repository.");

    public static HubError BadInput(string message) => new(400, "BadRequest", message);

    public static HubError NotImplemented(string what) => new(501, "NotImplemented", what);

    /// <summary>That the repository is missing or hidden.</summary>
    public bool IsRepositoryUnknown => code == "RepoNotFound";

    public async Task ExecuteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        if (status == 401) response.Headers.WWWAuthenticate = "Bearer";
        if (code is not null) response.Headers["X-Error-Code"] = code;
        if (revision is not null) response.Headers["X-Repo-Commit"] = revision;
        var shown = message.Length > MaxMessageChars ? message[..MaxMessageChars] : message;
        response.Headers["X-Error-Message"] = string.Concat(shown.Select(c => c is >= ' ' and <= '~' ? c : '?'));
        await response.WriteAsJsonAsync(url is null ? new { error = shown } : (object)new { error = shown, url }, LenientJson.Options, "application/json", context.RequestAborted);
    }
}
