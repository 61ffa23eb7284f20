namespace ZooPlatform.Search.Indexing;

/// <summary>Builds a second index beside the live one and puts it in its place. Goes on where it was when the process died.</summary>
/// <remarks>
/// 1. A new index with this version's settings. Its name is stored first, so that a crash leaves nothing unknown.
/// 2. Entries in order of id, a batch a step; the writer meanwhile writes what changes to both indexes.
/// 3. Without a live index nothing was written meanwhile: write now what changed.
/// 4. The new index holds as many documents as there should be: swap in one statement, delete the old one.
/// </remarks>
internal sealed class BuildIndex(Indexes indexes, SearchDb db, ILogger<BuildIndex> logger)
{
    public async Task BeginAsync(string reason, CancellationToken ct)
    {
        var name = indexes.NewName();
        await IndexState.BeginAsync(db, name, reason, ct);
        await indexes.MakeAsync(name, ct);
        logger.BuildBegun(name, reason);
    }

    /// <summary>One batch, or the swap.</summary>
    public async Task StepAsync(IndexState state, CancellationToken ct)
    {
        var next = state.Next!;
        if (state.NextSettings != IndexSettings.Sha256 || await indexes.FindAsync(next, ct) is not { } made)
        {
            await BeginAsync(state.NextReason!, ct);   // another version's, or the server lost it
            return;
        }
        var batch = await Entries.TakeAfterAsync(db, state.NextAfter ?? Guid.Empty, ct);
        if (batch.Count > 0)
        {
            await WriteAsync(state, batch, ct);
            await IndexState.AdvanceAsync(db, next, batch[^1].Id, batch.Count, ct);
            return;
        }
        if (state.Live is null)
            while (await Entries.TakeDirtyAsync(db, ct) is { Count: > 0 } dirty) await WriteAsync(state, dirty, ct);
        if (!await IsWholeAsync(next, ct))
        {
            logger.BuildFailed(next);
            await BeginAsync(state.NextReason!, ct);
            return;
        }
        await IndexState.SwapAsync(db, next, made.CreatedAt, ct);
        logger.BuildDone(next, state.NextWritten, state.NextReason!);
        await indexes.DeleteOthersAsync(next, null, ct);
    }

    /// <summary>Does the index hold as many documents as were written? What is dirty may be in it or not.</summary>
    public async Task<bool> IsWholeAsync(string name, CancellationToken ct)
    {
        var documents = await indexes.CountAsync(name, ct);
        var (clean, dirty) = await Entries.CountAsync(db, ct);
        return clean <= documents && documents <= clean + dirty;
    }

    private async Task WriteAsync(IndexState state, IReadOnlyList<Entry> batch, CancellationToken ct)
    {
        await indexes.WriteAsync([state.Next!], batch, ct);
        if (state.Live is null) await Entries.WrittenAsync(db, batch, ct);
    }
}
