using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.GitHttp;

/// <summary>git's protocol version 2: the client sends one command, <c>ls-refs</c> or <c>fetch</c>, and gets its answer.</summary>
internal sealed class UploadPack(ArtifactDb db, Negotiate negotiate, WritePack write, ListingTurns turns)
{
    private const int MaxPrefixes = 1000;

    /// <summary>What is told before the first command.</summary>
    public static readonly string[] Capabilities = ["version 2", "agent=zooplatform", "ls-refs=unborn", "fetch=shallow filter", "object-format=sha1"];

    public async Task RunAsync(Guid repositoryId, PktReader request, HttpResponse response, CancellationToken ct)
    {
        var command = await request.ReadAsync(ct);
        if (command.Kind != PktKind.Line) return;   // git asks first, with an empty request, whether its credential will do
        var pkt = await request.ReadAsync(ct);
        for (; pkt.Kind == PktKind.Line; pkt = await request.ReadAsync(ct))
        {
            if (!pkt.Text.StartsWith("object-format=", StringComparison.Ordinal) || pkt.Text == "object-format=sha1") continue;
            response.Refuse("This zoo's revisions have SHA-1 ids. Clone without --object-format.");
            return;
        }
        var arguments = pkt.Kind == PktKind.Delimiter;
        switch (command.Text)
        {
            case "command=ls-refs":
                await ListAsync(repositoryId, arguments ? request : null, response, ct);
                break;
            case "command=fetch":
                await FetchAsync(repositoryId, arguments ? request : null, response, ct);
                break;
            default:
                response.Refuse("This zoo knows the commands ls-refs and fetch.");
                break;
        }
    }

    private async Task ListAsync(Guid repositoryId, PktReader? arguments, HttpResponse response, CancellationToken ct)
    {
        var (symrefs, unborn, prefixes) = (false, false, new List<string>());
        for (var pkt = await NextAsync(arguments, ct); pkt.Kind == PktKind.Line; pkt = await NextAsync(arguments, ct))
        {
            symrefs |= pkt.Text == "symrefs";
            unborn |= pkt.Text == "unborn";
            if (pkt.Text.StartsWith("ref-prefix ", StringComparison.Ordinal) && prefixes.Count <= MaxPrefixes) prefixes.Add(pkt.Text["ref-prefix ".Length..]);
        }
        // Prefixes are hints: with too many of them everything is told.
        bool IsAsked(string name) => prefixes.Count is 0 or > MaxPrefixes || prefixes.Exists(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
        var output = response.BodyWriter;
        var isBorn = false;
        await foreach (var named in db.AdvertisedRefsAsync(repositoryId, ct))
        {
            isBorn |= named.Target is not null;
            if (IsAsked(named.Name)) output.Line($"{named.Id} {named.Name}{(symrefs && named.Target is { } target ? $" symref-target:{target}" : "")}");
            if (output.UnflushedBytes > 64 * 1024) await output.FlushAsync(ct);
        }
        // So an empty repository is cloned with the branch that its first push makes.
        if (!isBorn && unborn && symrefs && IsAsked(AdvertisedRefs.Head)) output.Line($"unborn {AdvertisedRefs.Head} symref-target:{AdvertisedRefs.Main}");
        output.Flush();
    }

    /// <remarks>The sections of an answer: acknowledgments (unless the client is done), shallow-info (when it asked for a depth), packfile.</remarks>
    private async Task FetchAsync(Guid repositoryId, PktReader? arguments, HttpResponse response, CancellationToken ct)
    {
        var ask = new FetchRequest();
        for (var pkt = await NextAsync(arguments, ct); pkt.Kind == PktKind.Line; pkt = await NextAsync(arguments, ct))
        {
            if (ask.Take(pkt.Text) is not { } refusal) continue;
            response.Refuse(refusal);
            return;
        }
        var outcome = await negotiate.RunAsync(repositoryId, ask, ct);
        var output = response.BodyWriter;
        if (!ask.Done)
        {
            output.Line("acknowledgments");
            if (outcome.Common.Count == 0) output.Line("NAK");
            foreach (var common in outcome.Common) output.Line($"ACK {common}");
            if (!outcome.Ready)
            {
                output.Flush();
                return;
            }
            output.Line("ready");
            output.Delimiter();
        }
        using var turn = await turns.TakeAsync(await PackContents.WeightAsync(db, repositoryId, ask, outcome, ct), ct);
        if (turn is null)
        {
            response.Refuse(Busy);
            return;
        }
        if (await PackContents.FindAsync(db, repositoryId, ask, outcome, ct) is not { } contents)
        {
            response.Refuse(Unknown(outcome));
            return;
        }
        if (ask.IsDeepening)
        {
            output.Line("shallow-info");
            foreach (var id in outcome.Shallow) output.Line($"shallow {id}");
            foreach (var id in outcome.Unshallow) output.Line($"unshallow {id}");
            output.Delimiter();
        }
        output.Line("packfile");
        await output.FlushAsync(ct);
        await using var pack = new PackOutput(response.Body, sideBand: true);
        await write.RunAsync(repositoryId, contents, pack, !ask.NoProgress, ct);
    }

    public const string Busy = "Too many large repositories are being cloned just now. Try again in a little while.";

    public static string Unknown(Negotiation outcome) => $"upload-pack: not our ref {outcome.Others[0]}";

    private static ValueTask<Pkt> NextAsync(PktReader? arguments, CancellationToken ct) => arguments?.ReadAsync(ct) ?? new(new Pkt(PktKind.End));
}

internal static class GitRefusals
{
    /// <summary>git shows this to its user: <c>fatal: remote error: ...</c></summary>
    public static void Refuse(this HttpResponse response, string why) => response.BodyWriter.Line($"ERR {why}");
}
