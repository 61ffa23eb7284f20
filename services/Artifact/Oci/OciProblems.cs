using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Artifact.Oci;

/// <summary>Refusals as the distribution specification has them.</summary>
internal static class OciProblems
{
    public static IResult ManifestUnknown(string reference) => Of(404, "MANIFEST_UNKNOWN",
        $"There is no tag or manifest '{Shown(reference)}' here. A tag is a branch, a tag or a revision's id; a digest is known once its tag was asked for.");

    public static IResult NotAccepted => Of(404, "MANIFEST_UNKNOWN",
        $"A model is an OCI manifest ({OciMediaTypes.Manifest}), which the Accept header leaves out. Use a client of OCI 1.1.");

    public static IResult ManifestTooLarge(long sizeBytes, int files) => Of(413, "SIZE_INVALID",
        $"With {files} files the manifest would have {sizeBytes} bytes at least, more than OCI clients read. Use 'zoo pull', or download the archive.");

    public static IResult BlobUnknown(string digest) => Of(404, "BLOB_UNKNOWN", $"No revision here holds the blob '{Shown(digest)}'.");

    public static IResult BlobDamaged(string digest) => Of(500, "UNKNOWN", $"The stored bytes of '{Shown(digest)}' are damaged, so they are not served. Tell the operator.");

    public static IResult DigestInvalid(string digest) => Of(400, "DIGEST_INVALID", $"'{Shown(digest)}' is no digest: sha256: and 64 lower-case hexadecimal digits.");

    public static IResult PageInvalid(int max) => Of(400, "PAGINATION_NUMBER_INVALID", $"'n' is a whole number from 0 to {max}.");

    public static IResult ReadOnly => Of(405, "UNSUPPORTED", "Models are pulled as OCI artifacts, not pushed. Use 'zoo push', or 'hf upload'.");

    public static IResult RouteUnknown => Of(404, "NAME_UNKNOWN", "There are manifests/, blobs/, tags/list and referrers/ below /v2/<owner>/<name>/.");

    /// <remarks>Most clients bring a credential only after a 401; what is hidden and what is missing get the same one.</remarks>
    public static IResult Hidden(Caller caller, string owner, string name) =>
        new Refused(caller.IsAnonymous ? Problem.SignInNeeded : ArtifactProblems.RepositoryUnknown(owner, name), ErrorShape.Oci);

    private static IResult Of(int status, string code, string message) =>
        TypedResults.Json(new { errors = new[] { new { code, message } } }, statusCode: status, contentType: "application/json");

    private static string Shown(string text) => string.Concat((text.Length > 120 ? text[..120] + "..." : text).Select(c => c is < ' ' or > '~' ? '?' : c));
}
