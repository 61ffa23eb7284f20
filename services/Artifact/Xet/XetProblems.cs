using ZooPlatform.Artifact.Storage;
using ZooPlatform.Formats.Xet;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Artifact.Xet;

/// <summary>Every refusal under <c>/xet</c>, in the hub's shape. Xet's native client shows people the status and the address, and of texts only
/// what <c>/v2/shards</c> says; the JavaScript client shows them all.</summary>
internal static class XetProblems
{
    public static IResult TokenMissing => Refuse(401, "xet.token-refused",
        "This needs a Xet token that is good now. Ask for one: GET /api/models/{owner}/{name}/xet-read-token/{revision}.");

    public static IResult NotAllowed => Refuse(403, "xet.not-allowed", "This token does not allow writing here, or your role in the repository ended. It needs the role contributor.");

    public static IResult RepositoryUnknown => Refuse(404, "repository.unknown", "There is no such repository that you can see.");

    /// <summary>Missing or hidden, which is the same. The client finds out which of its errors to raise by the header.</summary>
    public static IResult RepositoryHidden(Caller caller) => new Coded("RepoNotFound", caller.IsAnonymous
        ? Refuse(401, "sign-in.needed", "There is no such repository that you can see. If it is private, sign in: Authorization: Bearer hf_zoop_...")
        : RepositoryUnknown);

    public static IResult NoPullRequests => new Coded("NotImplemented", Refuse(501, "xet.no-pull-requests", "This zoo has no pull requests. Upload to a branch: leave create_pr out."));

    public static IResult RouteUnknown => Refuse(404, "not-found", "This zoo does not offer that part of Xet's interface.");

    public static IResult HashInvalid => Refuse(400, "xet.hash-invalid", "That is no hash of Xet's: send exactly 64 lower-case hexadecimal digits.");

    public static IResult XorbTooLarge => Refuse(413, "xet.xorb-too-large", $"A xorb has at most {XorbReader.MaxBytes} bytes.");

    public static IResult ShardTooLarge => Refuse(413, "xet.shard-too-large", $"A shard has at most {ShardReader.MaxBytes} bytes. Commit fewer files at once.");

    public static IResult BodyRefused(string reason) => Refuse(400, "xet.body-refused", reason);

    public static IResult NoRoom(long neededBytes) => Refuse(507, "disk.full", NoRoomText(neededBytes));

    public static string NoRoomText(long neededBytes) => $"The files need {neededBytes} bytes, which this zoo's disk does not have. Nothing was stored; tell the operator.";

    public static string StoreUnreachableText => "The object store of this zoo cannot be reached just now. Nothing is lost; upload again in a while.";

    /// <summary>Not 507: Xet's native client would repeat that for minutes without a word. 403 is also what the public hub says of its limits.</summary>
    public static IResult OverQuota(OverQuotaException over) => Refuse(403, "quota.exceeded", OverQuotaText(over));

    public static string OverQuotaText(OverQuotaException over) =>
        $"The owner of the repository would hold {over.UsedBytes} bytes, which is more than its quota of {over.LimitBytes}. Delete something, or ask the operator.";

    public static IResult ChunkUnknown => Refuse(404, "xet.chunk-unknown", "No chunk of this hash is known to you.");

    public static IResult FileUnknown => Refuse(404, "xet.file-unknown", "This repository has no file of this hash that you can read.");

    public static IResult RangeBeyondEnd => Refuse(416, "xet.range-beyond-end", "The range begins at or behind the end.");

    public static IResult AddressRefused => Refuse(403, "xet.address-refused", "This address is not good any more. Ask for the reconstruction again.");

    private sealed class Coded(string code, IResult refusal) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers["X-Error-Code"] = code;
            return refusal.ExecuteAsync(httpContext);
        }
    }

    private static Refused Refuse(int status, string type, string detail) => new(Problem.Of(status, type, detail), ErrorShape.Hub);
}
