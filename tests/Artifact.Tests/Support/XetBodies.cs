using System.Buffers;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>What a client sends of a file: its chunks as they are, in one xorb, and a shard.</summary>
public static class XetBodies
{
    public static IReadOnlyList<(XetHash Hash, int Offset, int Length)> Chunks(byte[] content)
    {
        var chunks = new List<(XetHash, int, int)>();
        for (int at = 0, length; (length = GearChunker.NextLength(content.AsSpan(at), isLast: true)) > 0; at += length)
            chunks.Add((XetHash.OfChunk(content.AsSpan(at, length)), at, length));
        return chunks;
    }

    public static string FileHash(byte[] content) => Tree(Chunks(content)).EndFile().ToString();

    public static ((string Hash, byte[] Body) Xorb, byte[] Shard) Of(byte[] content)
    {
        var chunks = Chunks(content);
        var body = new MemoryStream();
        var head = new byte[XorbChunkHead.Bytes];
        foreach (var (_, offset, length) in chunks)
        {
            XorbChunkHead.WriteRaw(length, head);
            body.Write(head);
            body.Write(content, offset, length);
        }
        var xorb = Tree(chunks).End();
        var shard = Shard(content, chunks, [(xorb, 0, chunks.Count, 0)], new ShardXorb(xorb, [.. chunks.Select(chunk => new ShardChunk(chunk.Hash, (uint)chunk.Length))]));
        return ((xorb.ToString(), body.ToArray()), shard);
    }

    /// <param name="terms">Runs of the file's chunks, each with the xorb that has them and where in it.</param>
    public static byte[] Shard(byte[] content, IReadOnlyList<(XetHash Hash, int Offset, int Length)> chunks, IReadOnlyList<(XetHash Xorb, int First, int Count, int FirstInFile)> terms, params ShardXorb[] xorbs)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ShardWriter(output, withFooter: false);
        writer.File(new ShardFile(Tree(chunks).EndFile(), [.. terms.Select(term =>
        {
            var run = chunks.Skip(term.FirstInFile).Take(term.Count).ToList();
            return new ShardTerm(term.Xorb, (uint)run.Sum(chunk => chunk.Length), (uint)term.First, (uint)(term.First + term.Count),
                XetHash.OfVerification(run.SelectMany(chunk => chunk.Hash.ToBytes()).ToArray()));
        })], Repo.Hash(content)));
        writer.EndFiles();
        foreach (var xorb in xorbs) writer.Xorb(xorb);
        writer.EndXorbs();
        return output.WrittenSpan.ToArray();
    }

    private static XetTree Tree(IEnumerable<(XetHash Hash, int Offset, int Length)> chunks)
    {
        var tree = new XetTree();
        foreach (var (hash, _, length) in chunks) tree.Add(hash, length);
        return tree;
    }
}
