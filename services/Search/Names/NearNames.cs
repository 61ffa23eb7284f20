using System.Buffers;
using System.Runtime.InteropServices;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Search.Names;

/// <summary>A model's title and name, and who may see it.</summary>
internal sealed record NamedModel(Guid Id, string Title, string Name, string[] Readers);

/// <summary>A model whose name is like what somebody typed.</summary>
internal readonly record struct NearName(Guid Id, double Likeness, string Name);

/// <summary>All names, in memory: finds those like what somebody typed, among those the caller may see. Safe to share.</summary>
/// <remarks>
/// Each model has a slot; each feature (see <see cref="NameForm"/>) lists the slots whose title has it, so that one pass over
/// a query's features counts what it shares with every title. About 250 bytes a model. A title that changes gets a new slot; the old one stays
/// empty until half of all are.
/// </remarks>
internal sealed class NearNames : IDisposable
{
    private const int ShortestQuery = 3;
    private const double LeastLikeness = 0.45;

    /// <summary>Names so much less like the query than the best one say nothing beside it.</summary>
    private const double Band = 0.06;

    /// <summary>A repository's name counts a little less than the title, and only where it begins with the query.</summary>
    private const double NamePenalty = 0.02;

    private readonly ReaderWriterLockSlim _lock = new();
    private readonly Dictionary<Guid, int> _slots = [];
    private readonly Dictionary<ulong, List<int>> _features = [];
    private readonly Dictionary<string, List<int>> _beginnings = new(StringComparer.Ordinal);
    private List<Slot?> _named = [];

    /// <summary>Of each slot: trigrams in the low half, bigrams in the high one; 0 where it is empty. Beside the slots, since all of them are looked through.</summary>
    private List<int> _sizes = [];

    /// <summary>The most alike, best first: none when the best is hardly like the query at all.</summary>
    /// <param name="hidden">Models that no query may return now.</param>
    /// <param name="most">How many at most.</param>
    public IReadOnlyList<NearName> To(NameForm query, Caller caller, IReadOnlyCollection<Guid> hidden, int most)
    {
        if (query.Glued.Length < ShortestQuery) return [];
        _lock.EnterReadLock();
        try
        {
            var best = new Best(most);
            var keys = caller.ReaderKeys;
            bool MaySee(Slot slot) => slot.Model.Readers.Any(keys.Contains) && !hidden.Contains(slot.Model.Id)
                && caller.OnlyRepositories?.Contains(slot.Model.Id) != false;

            var counts = ArrayPool<int>.Shared.Rent(_named.Count);
            var shared = counts.AsSpan(0, _named.Count);
            shared.Clear();
            Count(query, shared);
            var sizes = CollectionsMarshal.AsSpan(_sizes);
            for (var at = 0; at < shared.Length; at++)
            {
                var (trigrams, bigrams) = (shared[at] & 0xFFFF, shared[at] >> 16);
                // With less than a quarter of both in common no name is like enough.
                if ((trigrams * 4 < query.Trigrams && bigrams * 4 < query.Bigrams) || sizes[at] == 0) continue;
                var likeness = query.OfShared(trigrams, bigrams, sizes[at] & 0xFFFF, sizes[at] >> 16);
                if (likeness >= LeastLikeness && best.Takes(likeness) && MaySee(_named[at]!)) best.Add(_named[at]!.Model, likeness);
            }
            ArrayPool<int>.Shared.Return(counts);

            foreach (var at in _beginnings.GetValueOrDefault(query.Glued[..ShortestQuery], []))
            {
                if (_named[at] is not { } slot) continue;
                var likeness = Math.Max(query.OfBeginning(slot.Model.Title, slot.GluedTitle), query.OfBeginning(slot.Model.Name, slot.GluedName) - NamePenalty);
                if (likeness >= LeastLikeness && best.Takes(likeness) && MaySee(slot)) best.Add(slot.Model, likeness);
            }
            return best.Within(Band);
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>How like the query a hit's names are, by the same measure.</summary>
    public static double Likeness(NameForm query, string title, string name) =>
        Math.Max(query.LikenessTo(new NameForm(title)), query.OfBeginning(name, new NameForm(name).Glued) - NamePenalty);

    public void Put(IEnumerable<NamedModel> models)
    {
        _lock.EnterWriteLock();
        try
        {
            foreach (var model in models) Put(model);
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    public void Remove(IEnumerable<Guid> models)
    {
        _lock.EnterWriteLock();
        try
        {
            foreach (var model in models)
                if (_slots.Remove(model, out var at)) Empty(at);
            if (_named.Count > 2 * _slots.Count + 1000) Compact();
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    public IReadOnlyList<Guid> Ids()
    {
        _lock.EnterReadLock();
        try
        {
            return [.. _slots.Keys];
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>Shared trigrams in the low half, bigrams in the high one.</summary>
    private void Count(NameForm query, Span<int> shared)
    {
        foreach (var feature in query.Features)
        {
            if (!_features.TryGetValue(feature, out var slots)) continue;
            var one = feature >= NameForm.Bigram ? 0x10000 : 1;
            foreach (var at in CollectionsMarshal.AsSpan(slots)) shared[at] += one;
        }
    }

    private void Put(NamedModel model)
    {
        if (_slots.TryGetValue(model.Id, out var known))
        {
            if (_named[known]!.Model is var before && before.Title == model.Title && before.Name == model.Name)
            {
                _named[known] = _named[known]! with { Model = model };
                return;
            }
            Empty(known);
        }
        var title = new NameForm(model.Title);
        var slot = new Slot(model, title.Glued, Indexing.NameForms.Glued(model.Name));
        var at = _named.Count;
        _named.Add(slot);
        _sizes.Add(title.Trigrams | (title.Bigrams << 16));
        _slots[model.Id] = at;
        foreach (var feature in title.Features) ListOf(_features, feature).Add(at);
        foreach (var beginning in new[] { slot.GluedTitle, slot.GluedName }.Where(glued => glued.Length >= ShortestQuery).Select(glued => glued[..ShortestQuery]).Distinct())
            ListOf(_beginnings, beginning).Add(at);
    }

    private void Empty(int at) => (_named[at], _sizes[at]) = (null, 0);

    private void Compact()
    {
        var models = _named.OfType<Slot>().Select(slot => slot.Model).ToList();
        _named = [];
        _sizes = [];
        _slots.Clear();
        _features.Clear();
        _beginnings.Clear();
        foreach (var model in models) Put(model);
    }

    private static List<int> ListOf<TKey>(Dictionary<TKey, List<int>> lists, TKey key) where TKey : notnull =>
        lists.TryGetValue(key, out var list) ? list : lists[key] = [];

    private sealed record Slot(NamedModel Model, string GluedTitle, string GluedName);

    /// <summary>The best so far, each model once, with its best likeness; equal ones in order of name.</summary>
    private sealed class Best(int most)
    {
        private readonly List<NearName> _kept = [];

        public bool Takes(double likeness) => _kept.Count < most || likeness >= _kept[^1].Likeness;

        public void Add(NamedModel model, double likeness)
        {
            var same = _kept.FindIndex(kept => kept.Id == model.Id);
            if (same >= 0 && _kept[same].Likeness >= likeness) return;
            if (same >= 0) _kept.RemoveAt(same);
            var at = _kept.FindIndex(kept => kept.Likeness < likeness || (kept.Likeness == likeness && string.CompareOrdinal(model.Name, kept.Name) < 0));
            _kept.Insert(at < 0 ? _kept.Count : at, new NearName(model.Id, likeness, model.Name));
            if (_kept.Count > most) _kept.RemoveAt(most);
        }

        public IReadOnlyList<NearName> Within(double band) => [.. _kept.TakeWhile(kept => kept.Likeness >= _kept[0].Likeness - band)];
    }
}
