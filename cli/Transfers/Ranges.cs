namespace ZooPlatform.Cli.Transfers;

/// <summary>Ranges of a file's bytes, in order; what touches is one range.</summary>
internal sealed class Ranges
{
    private readonly List<(long Begin, long End)> parts = [];

    /// <summary>From the first byte of each to the one behind its last.</summary>
    public IReadOnlyList<(long Begin, long End)> Parts => parts;

    public long SizeBytes { get; private set; }

    public void Add(long begin, long end)
    {
        if (end <= begin)
        {
            return;
        }
        var first = FirstEndingAt(begin);
        var behind = first;
        while (behind < parts.Count && parts[behind].Begin <= end)
        {
            begin = Math.Min(begin, parts[behind].Begin);
            end = Math.Max(end, parts[behind].End);
            SizeBytes -= parts[behind].End - parts[behind].Begin;
            behind++;
        }
        parts.RemoveRange(first, behind - first);
        parts.Insert(first, (begin, end));
        SizeBytes += end - begin;
    }

    /// <summary>How far the bytes are there from here on; the position itself when its byte is not.</summary>
    public long EndFrom(long position)
    {
        var at = FirstEndingAt(position);
        return at < parts.Count && parts[at].Begin <= position ? parts[at].End : position;
    }

    public bool Hold(long begin, long end) => EndFrom(begin) >= end;

    /// <summary>What of a file of so many bytes is not there.</summary>
    public IReadOnlyList<(long Begin, long End)> Gaps(long sizeBytes)
    {
        var gaps = new List<(long, long)>();
        var at = 0L;
        foreach (var (begin, end) in parts)
        {
            if (begin > at)
            {
                gaps.Add((at, begin));
            }
            at = end;
        }
        if (at < sizeBytes)
        {
            gaps.Add((at, sizeBytes));
        }
        return gaps;
    }

    /// <summary>The first range that ends at the position or behind it.</summary>
    private int FirstEndingAt(long position)
    {
        var (low, high) = (0, parts.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = parts[middle].End < position ? (middle + 1, high) : (low, middle);
        }
        return low;
    }
}
