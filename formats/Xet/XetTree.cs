namespace ZooPlatform.Formats.Xet;

/// <summary>The tree over chunks, built as they come: it keeps a few nodes a level, however many chunks there are. Its root names a xorb, and,
/// hashed once more, a file.</summary>
/// <remarks>A node takes 3 to 9 children: it ends behind the first child, from the third on, whose last number is divisible by 4, at the
/// latest with the ninth. What is left at the end is a node too; a level of one node is the root.</remarks>
public sealed class XetTree
{
    private const int MinChildren = 3;
    private const int MaxChildren = 9;
    private const int ChildBytes = XetHash.Chars + 3 + 20 + 1;
    private readonly List<Level> _levels = [new()];

    public long SizeBytes { get; private set; }

    public void Add(XetHash chunk, int lengthBytes)
    {
        SizeBytes += lengthBytes;
        Add(0, chunk, lengthBytes);
    }

    /// <summary>The root over all that was added, which ends the tree. Of nothing: <see cref="XetHash.Zero"/>.</summary>
    public XetHash End()
    {
        if (_levels[0].Count == 0) return XetHash.Zero;
        for (var level = 0; ; level++)
        {
            if (_levels[level] is { Count: 1 } only) return only.Open[0].Hash;
            if (_levels[level].Open.Count > 0) Close(level);
        }
    }

    /// <summary>The hash of the file whose chunks were added, which ends the tree.</summary>
    public XetHash EndFile() => _levels[0].Count == 0 ? XetHash.Zero : XetHash.OfFile(End());

    private void Add(int level, XetHash hash, long sizeBytes)
    {
        if (level == _levels.Count) _levels.Add(new Level());
        var open = _levels[level].Open;
        open.Add((hash, sizeBytes));
        _levels[level].Count++;
        if (open.Count >= MinChildren && hash.Last % 4 == 0 || open.Count == MaxChildren) Close(level);
    }

    private void Close(int level)
    {
        Span<byte> text = stackalloc byte[MaxChildren * ChildBytes];
        var (written, size) = (0, 0L);
        foreach (var (hash, sizeBytes) in _levels[level].Open)
        {
            written += XetHash.WriteChild(hash, sizeBytes, text[written..]);
            size += sizeBytes;
        }
        _levels[level].Open.Clear();
        Add(level + 1, XetHash.OfNode(text[..written]), size);
    }

    private sealed class Level
    {
        /// <summary>All nodes there ever were on this level.</summary>
        public long Count { get; set; }

        /// <summary>Those without a parent yet.</summary>
        public List<(XetHash Hash, long SizeBytes)> Open { get; } = new(MaxChildren);
    }
}
