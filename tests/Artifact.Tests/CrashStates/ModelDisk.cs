namespace ZooPlatform.Artifact.Tests.CrashStates;

/// <summary>Something that was done to the disk. A crash keeps it or loses it, each for itself, unless it was made durable.</summary>
internal abstract class Change(int number)
{
    /// <summary>The order in which they were done.</summary>
    public int Number => number;

    public bool Durable { get; private set; }

    /// <summary>Never on the disk without that one: a file that is renamed does not vanish.</summary>
    public Change? Needs { get; init; }

    public bool In(Func<Change, bool> kept) => Durable || kept(this) && Needs?.In(kept) != false;

    public void MakeDurable()
    {
        Durable = true;
        Needs?.MakeDurable();
    }
}

/// <summary>A name in a folder now means a file or folder, or (null) nothing.</summary>
internal sealed class NameChange(int number, string name, ModelNode? target) : Change(number)
{
    public ModelNode? Target => target;

    public override string ToString() => target is null ? $"'{name}' is gone" : $"'{name}' is there";
}

/// <summary>Bytes of a file within one block, or (no bytes) how long it is.</summary>
internal sealed class DataChange(int number, long offset, byte[]? bytes) : Change(number)
{
    public long Offset => offset;

    public byte[]? Bytes => bytes;

    public override string ToString() => bytes is null ? $"length {offset}" : $"bytes {offset} to {offset + bytes.Length}";
}

internal abstract class ModelNode
{
    public abstract void Sync(int upTo);
}

/// <summary>A disk that promises as little as POSIX does: what is not synced may be lost, each block, length and name for itself and in any order.
/// A rename alone is whole: there is no moment at which the file has neither name.</summary>
/// <remarks>fsync of a file: its bytes and length. fsync of a folder: the names in it, not the folder's own. syncfs: all. Nothing else makes
/// anything durable. Each covers what was over before it began.</remarks>
internal sealed class ModelDisk
{
    public const int BlockBytes = 4096;

    private readonly List<ModelNode> _all = [];

    public ModelFolder Root { get; } = new();

    /// <summary>How much was done so far.</summary>
    public int Changes { get; private set; }

    public ModelFolder MakeFolder(ModelFolder parent, string name)
    {
        var folder = new ModelFolder();
        parent.Put(new NameChange(++Changes, name, folder), name);
        _all.Add(folder);
        return folder;
    }

    public ModelFile MakeFile(ModelFolder parent, string name)
    {
        var file = new ModelFile();
        parent.Put(new NameChange(++Changes, name, file), name);
        _all.Add(file);
        return file;
    }

    public void Link(ModelFolder parent, string name, ModelNode node) => parent.Put(new NameChange(++Changes, name, node), name);

    public void Unlink(ModelFolder parent, string name) => parent.Put(new NameChange(++Changes, name, null), name);

    public void Rename(ModelFolder from, string name, ModelFolder to, string newName)
    {
        var node = from.Now(name) ?? throw new InvalidOperationException($"'{name}' was renamed and is not there.");
        var there = new NameChange(++Changes, newName, node);
        to.Put(there, newName);
        from.Put(new NameChange(++Changes, name, null) { Needs = there }, name);
    }

    public void Write(ModelFile file, long offset, ReadOnlySpan<byte> bytes)
    {
        if (offset + bytes.Length > file.LengthNow) file.Put(new DataChange(++Changes, offset + bytes.Length, null));
        while (bytes.Length > 0)
        {
            var part = (int)Math.Min(bytes.Length, BlockBytes - offset % BlockBytes);
            file.Put(new DataChange(++Changes, offset, bytes[..part].ToArray()));
            offset += part;
            bytes = bytes[part..];
        }
    }

    public void Truncate(ModelFile file, long length)
    {
        if (length != file.LengthNow) file.Put(new DataChange(++Changes, length, null));
    }

    /// <summary>Everything that was done before is durable.</summary>
    public void SyncAll(int upTo)
    {
        Root.Sync(upTo);
        foreach (var node in _all) node.Sync(upTo);
    }

    /// <summary>What may be there under a path after some crash or other, and every change on which that depends.</summary>
    public (IReadOnlyList<ModelNode> Nodes, IReadOnlyList<Change> Changes) Around(string path)
    {
        var (nodes, changes) = (new List<ModelNode> { Root }, new List<Change>());
        foreach (var part in path.Split('/'))
        {
            var next = new List<ModelNode>();
            foreach (var folder in nodes.OfType<ModelFolder>())
            {
                foreach (var change in folder.Of(part))
                {
                    if (!change.Durable) changes.Add(change);
                    if (change is { Durable: false, Needs: { Durable: false } needed }) changes.Add(needed);
                    if (change.Target is { } target && !next.Contains(target)) next.Add(target);
                }
            }
            nodes = next;
        }
        return (nodes, changes);
    }

    public ModelNode? Find(string path, Func<Change, bool> kept)
    {
        ModelNode? node = Root;
        foreach (var part in path.Split('/')) node = (node as ModelFolder)?.Find(part, kept);
        return node;
    }

    /// <summary>Writes what a crash left into a real folder.</summary>
    public void Materialise(string folder, Func<Change, bool> kept) => Materialise(Root, folder, kept);

    private static void Materialise(ModelFolder model, string folder, Func<Change, bool> kept)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in model.Names)
        {
            var path = Path.Combine(folder, name);
            if (model.Find(name, kept) is ModelFile file) File.WriteAllBytes(path, file.Content(kept));
            else if (model.Find(name, kept) is ModelFolder below) Materialise(below, path, kept);
        }
    }

    /// <summary>All that is not durable.</summary>
    public IReadOnlyList<Change> Pending() => [.. _all.Prepend(Root).SelectMany(node => node is ModelFolder folder ? folder.Pending : ((ModelFile)node).Pending)];
}

internal sealed class ModelFolder : ModelNode
{
    private readonly Dictionary<string, List<NameChange>> _names = new(StringComparer.Ordinal);

    public IEnumerable<string> Names => _names.Keys;

    public IEnumerable<Change> Pending => _names.Values.SelectMany(changes => changes).Where(change => !change.Durable);

    /// <summary>What was done to a name since it was durable last.</summary>
    public IReadOnlyList<NameChange> Of(string name)
    {
        if (!_names.TryGetValue(name, out var changes)) return [];
        changes.RemoveRange(0, Math.Max(0, changes.FindLastIndex(change => change.Durable)));
        return changes;
    }

    public void Put(NameChange change, string name)
    {
        if (!_names.TryGetValue(name, out var changes)) _names[name] = changes = [];
        changes.Add(change);
    }

    public ModelNode? Now(string name) => Find(name, _ => true);

    public ModelNode? Find(string name, Func<Change, bool> kept) => Of(name).LastOrDefault(change => change.In(kept))?.Target;

    public override void Sync(int upTo)
    {
        foreach (var change in Pending.Where(change => change.Number <= upTo).ToList()) change.MakeDurable();
    }
}

internal sealed class ModelFile : ModelNode
{
    private readonly List<DataChange> _pending = [];
    private byte[] _durable = [];
    private string? _hash;

    public IReadOnlyList<DataChange> Pending => _pending;

    public long LengthNow { get; private set; }

    public void Put(DataChange change)
    {
        _pending.Add(change);
        if (change.Bytes is null) LengthNow = change.Offset;
    }

    public byte[] Content(Func<Change, bool> kept) => _pending.Count == 0 ? _durable : Apply(_durable, _pending.Where(change => change.In(kept)));

    /// <summary>SHA-256 of <see cref="Content"/>.</summary>
    public string Hash(Func<Change, bool> kept) => _pending.Count == 0 ? _hash ??= Support.Repo.Hash(_durable) : Support.Repo.Hash(Content(kept));

    public override void Sync(int upTo)
    {
        foreach (var change in _pending.Where(change => change.Number <= upTo)) change.MakeDurable();
        var settled = _pending.TakeWhile(change => change.Durable).ToList();
        if (settled.Count == 0) return;
        (_durable, _hash) = (Apply(_durable, settled), null);
        _pending.RemoveRange(0, settled.Count);
    }

    private static byte[] Apply(byte[] before, IEnumerable<DataChange> changes)
    {
        var (content, length) = ((byte[])before.Clone(), (long)before.Length);
        foreach (var change in changes)
        {
            if (change.Bytes is null)
            {
                if (change.Offset < content.Length) Array.Clear(content, (int)change.Offset, content.Length - (int)change.Offset);
                length = change.Offset;
                continue;
            }
            // Bytes may reach the disk before the length that makes them seen.
            if (change.Offset + change.Bytes.Length > content.Length) Array.Resize(ref content, (int)Math.Max(change.Offset + change.Bytes.Length, content.Length * 2L));
            change.Bytes.CopyTo(content, change.Offset);
        }
        Array.Resize(ref content, (int)length);
        return content;
    }
}
