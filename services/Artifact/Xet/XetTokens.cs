using System.Globalization;
using ZooPlatform.Artifact.Capabilities;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Xet;

/// <param name="Exp">Seconds since 1970.</param>
/// <param name="CasUrl">Absolute, no slash at the end.</param>
internal sealed record XetToken(string AccessToken, long Exp, string CasUrl)
{
    /// <summary>As some clients read it: from headers of the answer, or of an LFS action.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; } = new Dictionary<string, string>
    {
        ["X-Xet-Access-Token"] = AccessToken, ["X-Xet-Token-Expiration"] = Exp.ToString(CultureInfo.InvariantCulture), ["X-Xet-Cas-Url"] = CasUrl,
    };
}

/// <summary>Makes the tokens of <c>/xet</c>: capabilities for one repository. Whether the caller may have one is settled before.</summary>
internal sealed class XetTokens(IssueCapability issue, PublicUrl url, TimeProvider time)
{
    public static readonly TimeSpan Life = TimeSpan.FromHours(1);

    /// <param name="verb"><see cref="Verbs.XetRead"/> or <see cref="Verbs.XetWrite"/>.</param>
    public async Task<XetToken> MakeAsync(Caller caller, Guid repositoryId, string verb, string? revision, CancellationToken ct)
    {
        var expires = (time.GetUtcNow() + Life).ToUnixTimeSeconds();
        return new XetToken(await issue.RunAsync(caller, repositoryId, verb, Life, ct, reference: revision), expires, url.Of("/xet"));
    }
}
