using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.GitHttp;

/// <summary>git's first protocol, which libgit2, go-git and dulwich still speak: all refs are told at once, then wants and haves go to
/// and fro. Over HTTP nothing is kept between two requests: the client says again what was found common.</summary>
internal sealed class UploadPackV0(ArtifactDb db, Negotiate negotiate, WritePack write, ListingTurns turns)
{
    private const string Capabilities = "multi_ack_detailed side-band-64k shallow deepen-since deepen-not deepen-relative no-progress filter "
        + "allow-tip-sha1-in-want allow-reachable-sha1-in-want object-format=sha1 agent=zooplatform";

    public async Task AdvertiseAsync(Guid repositoryId, HttpResponse response, CancellationToken ct)
    {
        var output = response.BodyWriter;
        var first = true;
        await foreach (var named in db.AdvertisedRefsAsync(repositoryId, ct))
        {
            var capabilities = first ? $"\0{Capabilities}{(named.Target is { } target ? $" symref={named.Name}:{target}" : "")}" : "";
            output.Line($"{named.Id} {named.Name}{capabilities}");
            first = false;
            if (output.UnflushedBytes > 64 * 1024) await output.FlushAsync(ct);
        }
        if (first) output.Line($"{default(ObjectId)} capabilities^{{}}\0{Capabilities}");
        output.Flush();
    }

    /// <remarks>1. Wants, shallows and a depth, to a flush. 2. Haves, to a flush or <c>done</c>. 3. Where the history ends, if a depth was
    /// asked. 4. What is common. 5. After <c>done</c>, the pack.</remarks>
    public async Task RunAsync(Guid repositoryId, PktReader request, HttpResponse response, CancellationToken ct)
    {
        // 1
        var ask = new FetchRequest();
        var capabilities = new HashSet<string>(StringComparer.Ordinal);
        for (var pkt = await request.ReadAsync(ct); pkt.Kind == PktKind.Line; pkt = await request.ReadAsync(ct))
        {
            var words = pkt.Text.Split(' ');
            if (words[0] == "want") capabilities.UnionWith(words.Skip(2));
            if (ask.Take(words[0] == "want" && words.Length > 1 ? $"want {words[1]}" : pkt.Text) is not { } refusal) continue;
            response.Refuse(refusal);
            return;
        }
        if (ask.Wants.Count == 0) return;
        if (capabilities.Contains("deepen-relative")) ask.Take("deepen-relative");
        if (capabilities.Contains("no-progress")) ask.Take("no-progress");
        // 2
        var last = await request.ReadAsync(ct);
        for (; last.Kind == PktKind.Line && !ask.Done; last = await request.ReadAsync(ct))
            if (ask.Take(last.Text) is { } refusal)
            {
                response.Refuse(refusal);
                return;
            }
        var outcome = await negotiate.RunAsync(repositoryId, ask, ct);
        var output = response.BodyWriter;
        // 3
        if (ask.IsDeepening)
        {
            foreach (var id in outcome.Shallow) output.Line($"shallow {id}");
            foreach (var id in outcome.Unshallow) output.Line($"unshallow {id}");
            output.Flush();
        }
        // 4
        var detailed = capabilities.Contains("multi_ack_detailed");
        Acknowledge(ask, outcome, detailed, hasFlush: last.Kind == PktKind.Flush, output);
        if (!ask.Done) return;
        // 5
        using var turn = await turns.TakeAsync(await PackContents.WeightAsync(db, repositoryId, ask, outcome, ct), ct);
        if (turn is null)
        {
            response.Refuse(UploadPack.Busy);
            return;
        }
        if (await PackContents.FindAsync(db, repositoryId, ask, outcome, ct) is not { } contents)
        {
            response.Refuse(UploadPack.Unknown(outcome));
            return;
        }
        await output.FlushAsync(ct);
        var sideBand = capabilities.Contains("side-band-64k");
        await using var pack = new PackOutput(response.Body, sideBand);
        await write.RunAsync(repositoryId, contents, pack, sideBand && !ask.NoProgress, ct);
    }

    private static void Acknowledge(FetchRequest ask, Negotiation outcome, bool detailed, bool hasFlush, System.IO.Pipelines.PipeWriter output)
    {
        if (detailed)
        {
            foreach (var id in outcome.Common) output.Line($"ACK {id} common");
            if (outcome.Ready && !ask.Done) output.Line($"ACK {outcome.Common[^1]} ready");
        }
        if (ask.Done) output.Line(outcome.Common.Count > 0 ? $"ACK {outcome.Common[detailed ? ^1 : 0]}" : "NAK");
        else if (detailed && hasFlush) output.Line("NAK");
        else if (outcome.Common.Count > 0) output.Line($"ACK {outcome.Common[0]}");
        else if (hasFlush) output.Line("NAK");
    }
}
