using Microsoft.Net.Http.Headers;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Capabilities;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Artifact.Xet;

/// <summary>Reading by Xet: what a file is made of, and the bytes of that.</summary>
internal static class ReconstructionRoutes
{
    public static void MapReconstructions(this IEndpointRouteBuilder xet)
    {
        xet.MapGet("/v1/reconstructions/{hash}", (string hash, HttpRequest request, XetAccess access, Reconstruct reconstruct, CancellationToken ct) =>
            ReconstructAsync(hash, request, access, reconstruct, First, ct));
        xet.MapGet("/v2/reconstructions/{hash}", (string hash, HttpRequest request, XetAccess access, Reconstruct reconstruct, CancellationToken ct) =>
            ReconstructAsync(hash, request, access, reconstruct, Second, ct));
        xet.MapGet("/v1/xorbs/default/{hash}", GetXorb);
    }

    private static async Task<IResult> ReconstructAsync(
        string hash, HttpRequest request, XetAccess access, Reconstruct reconstruct, Func<Reconstruction, object> shape, CancellationToken ct)
    {
        var (granted, refusal) = await access.ReadAsync(request, ct);
        if (granted is null) return refusal!;
        if (!XetHash.TryParse(hash, out var file)) return XetProblems.HashInvalid;
        // Clients ask for bytes=a-b. What is no such range is no range, as RFC 9110 has it.
        var range = request.GetTypedHeaders().Range is { Ranges.Count: 1 } asked && asked.Ranges.Single() is { From: { } from } one ? (from, one.To ?? long.MaxValue) : (0L, long.MaxValue);
        return await reconstruct.RunAsync(granted.Repository.Id, granted.Caller, file, range.Item1, range.Item2, ct) switch
        {
            ReconstructOutcome.Found found => TypedResults.Json(shape(found.Reconstruction)),
            ReconstructOutcome.BeyondEnd => XetProblems.RangeBeyondEnd,
            _ => XetProblems.FileUnknown,
        };
    }

    private static object First(Reconstruction file) => new
    {
        offset_into_first_range = file.OffsetIntoFirstRange,
        terms = file.Terms,
        fetch_info = file.Fetches.GroupBy(fetch => fetch.Hash).ToDictionary(xorb => xorb.Key, xorb => xorb
            .Select(fetch => new { range = fetch.Chunks, url = fetch.Url, url_range = fetch.Bytes }).ToList()),
    };

    private static object Second(Reconstruction file) => new
    {
        offset_into_first_range = file.OffsetIntoFirstRange,
        terms = file.Terms,
        xorbs = file.Fetches.GroupBy(fetch => fetch.Hash).ToDictionary(xorb => xorb.Key, xorb => xorb
            .Select(fetch => new { url = fetch.Url, ranges = new[] { new { chunks = fetch.Chunks, bytes = fetch.Bytes } } }).ToList()),
    };

    /// <summary>A run of a blob as the xorb that clients take it for. By the address alone.</summary>
    private static async Task<IResult> GetXorb(
        string hash, string? blob, int? run, string? capability, HttpRequest request, RedeemCapability redeem, SendXorb send, CancellationToken ct)
    {
        if (!XetHash.TryParse(hash, out var xorb)) return XetProblems.HashInvalid;
        if (!BlobHash.TryParse(blob, out var sha256) || run is not { } number) return XetProblems.AddressRefused;
        if (await redeem.RunAsync(capability, Verbs.XetBytes, null, ct, sha256.Value, part: number) is not RedeemOutcome.Good good) return XetProblems.AddressRefused;
        return await send.RunAsync(good.Repository.Id, good.Caller, xorb, sha256, number, request.GetTypedHeaders().Range, ct) ?? XetProblems.AddressRefused;
    }
}
