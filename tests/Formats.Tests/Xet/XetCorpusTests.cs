using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ZooPlatform.Formats.Xet;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Formats.Tests.Xet;

public class XetCorpusTests
{
    private static readonly Lazy<JsonNode> s_index = new(() => JsonNode.Parse(File.ReadAllText(SharedFolder.File("xet/index.json")))!);

    [Fact]
    public void The_gear_table_is_the_one_that_clients_share() =>
        Assert.Equal("e1d3936666d7ae7a977c958e9afcc75f90aaca758ce5fbe4ece61dffefe1912c",
            Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(GearTable.Values))));

    [Fact]
    public void The_test_vector_comes_out_from_chunks_to_file_hash()
    {
        var chunks = Chunks(XetFiles.Random("seed", 700_000));
        Assert.Equal([64700, 28185, 15131, 62348, 45744, 32410, 131072, 131072, 131072, 19071, 39195], chunks.Select(chunk => chunk.Length));
        Assert.Equal("eebcac6ec20fb8ee4d58d8de22a583368896c695e3824b5234286ab1c617bf4f", chunks[0].Hash.ToString());
        Assert.Equal("bbcc017abcdf23a167472946a13403b7874fdab6fe07c92f4bbd354778e4f0c9", chunks[10].Hash.ToString());
        Assert.Equal("9529084495c7867651f70e428de477de97359250695ac152ef12404c9e9b1be8", Root(chunks).ToString());
        Assert.Equal("236150c34c48bb0a0a6afd661280929a6375478ef3184878cd1a64db10289c28", XetHash.OfFile(Root(chunks)).ToString());
        Assert.Equal("f5b5754d85053e878cf75aa8f38091d9eac48ed01147dda73db9e360a2371c73",
            XetHash.OfVerification(chunks.SelectMany(chunk => chunk.Hash.ToBytes()).ToArray()).ToString());
    }

    [Fact]
    public void A_hash_is_written_and_read_as_four_numbers()
    {
        var hash = XetHash.Read([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        Assert.Equal("07060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a1918", hash.ToString());
        Assert.True(XetHash.TryParse(hash.ToString(), out var read));
        Assert.Equal(hash, read);
        foreach (var wrong in new[] { "", hash.ToString()[1..], hash.ToString().ToUpperInvariant(), "+" + hash.ToString()[1..], new string('g', 64) })
            Assert.False(XetHash.TryParse(wrong, out _));
    }

    [Fact]
    public void Nothing_has_the_hash_of_zeros() => Assert.Equal(XetHash.Zero, new XetTree().EndFile());

    [CorpusFact]
    public void Recorded_files_are_cut_and_hashed_as_the_clients_did()
    {
        var seen = 0;
        foreach (var file in s_index.Value["scenarios"]!.AsArray().SelectMany(scenario => scenario!["state_after"]?["files"]?.AsArray() ?? []))
        {
            if (file!["xet_file_hash"] is null || file["made_by"] is null) continue;
            var content = XetFiles.Replay((string)file["made_by"]!);
            Assert.Equal((string?)file["sha256"], Convert.ToHexStringLower(SHA256.HashData(content)));
            var chunks = Chunks(content);
            Assert.Equal(file["chunk_lengths"]!.AsArray().Select(length => (int)length!), chunks.Select(chunk => chunk.Length));
            Assert.Equal(file["chunk_hashes"]!.AsArray().Select(hash => (string)hash!), chunks.Select(chunk => chunk.Hash.ToString()));
            Assert.Equal((string?)file["xet_file_hash"], XetHash.OfFile(Root(chunks)).ToString());
            seen++;
        }
        Assert.True(seen >= 4, $"only {seen} recorded files");
    }

    [CorpusFact]
    public void Bigger_files_give_the_recorded_chunk_lists()
    {
        byte[] Make(string name) => name switch
        {
            "random70.bin" => XetFiles.Random("random70", 70_000_000),
            "mixed.dat" => XetFiles.Mixed("mixed", 40 << 20),
            "model.safetensors" => XetFiles.Safetensors("model", 3_000_000),
            _ => XetFiles.Changed(XetFiles.Mixed("mixed", 40 << 20), 20, 20971, "edit"),
        };
        foreach (var file in s_index.Value["multi_xorb"]!["files"]!.AsArray())
        {
            var content = Make((string)file!["file"]!);
            Assert.Equal((string?)file["sha256"], Convert.ToHexStringLower(SHA256.HashData(content)));
            var chunks = Chunks(content);
            Assert.Equal((string?)file["xet_file_hash"], XetHash.OfFile(Root(chunks)).ToString());
            if (file["chunk_list_sha256"] is null) continue;
            var list = string.Concat(chunks.Select(chunk => $"{chunk.Hash} {chunk.Length}\n"));
            Assert.Equal((string?)file["chunk_list_sha256"], Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(list))));
            var at = 0;
            foreach (var term in file["terms"] as JsonArray ?? [])
            {
                var count = (int)term!["chunks"]![1]!;
                Assert.Equal((string?)term["xorb"], Root(chunks.Skip(at).Take(count)).ToString());
                at += count;
            }
        }
    }

    [CorpusFact]
    public async Task Recorded_xorbs_give_the_chunks_they_are_named_by()
    {
        foreach (var (file, name) in new[] { ("xorb-6a679eb99718.bin", "8c13ac435823d629df291ad219e67ddb4e300069e9090e7b22ccc70e1de82f1f"), ("xorb-1030a7a2b592.bin", "be2069231953931f217bb98b5b59ec9c3a90f3357b43a2e6866d856f9b733ddd") })
        {
            using var reader = new XorbReader(File.OpenRead(SharedFolder.File($"xet/bodies/{file}")));
            var tree = new XetTree();
            while (await reader.NextAsync(default) is { } chunk) tree.Add(XetHash.OfChunk(chunk.Raw.Span), chunk.Raw.Length);
            Assert.Equal(name, tree.End().ToString());
        }
    }

    [CorpusFact]
    public async Task Recorded_shards_say_what_the_files_are()
    {
        using var reader = new ShardReader(File.OpenRead(SharedFolder.File("xet/bodies/shard-42902069f20b.bin")));
        var files = await reader.ReadFilesAsync(default);
        var recorded = s_index.Value["scenarios"]![0]!["state_after"]!["files"]!.AsArray().Where(file => file!["xet_file_hash"] is not null).ToList();
        Assert.Equal(recorded.Select(file => (string)file!["sha256"]!).Order(), files.Select(file => file.Sha256!).Order());
        Assert.Equal(recorded.Select(file => (string)file!["xet_file_hash"]!).Order(), files.Select(file => file.Hash.ToString()).Order());
        Assert.Equal(45, (await reader.NextXorbAsync(default))!.Chunks.Count);
        Assert.Null(await reader.NextXorbAsync(default));
    }

    [Fact]
    public async Task A_reader_cuts_a_stream_as_the_whole_is_cut_however_it_arrives()
    {
        var content = XetFiles.Mixed("trickle", 3 << 20);
        var whole = Chunks(content);
        using var reader = new ChunkReader(new Trickle(content));
        var (at, offset) = (0, 0L);
        while (await reader.NextAsync(default) is { } chunk)
        {
            Assert.Equal(offset, chunk.Offset);
            Assert.Equal(whole[at++].Hash, XetHash.OfChunk(chunk.Bytes.Span));
            offset += chunk.Bytes.Length;
        }
        Assert.Equal((whole.Count, (long)content.Length), (at, offset));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4 << 20)]
    [InlineData((9 << 20) + 4321)]
    public async Task Many_processors_give_the_chunks_that_one_gives(int bytes)
    {
        var content = XetFiles.Mixed("hashed", bytes);
        var hashed = await HashedChunks.OfAsync(new Trickle(content)).ToListAsync();
        Assert.Equal(Chunks(content).Select(chunk => (chunk.Hash, chunk.Length)), hashed.Select(chunk => (chunk.Hash, chunk.SizeBytes)));
        Assert.Equal(hashed.Select(chunk => chunk.Offset), hashed.Select((_, i) => hashed.Take(i).Sum(chunk => (long)chunk.SizeBytes)));
    }

    [Fact]
    public void The_four_lanes_cut_where_a_plain_scan_does()
    {
        var random = new Random(5);
        for (var i = 0; i < 200; i++)
        {
            var content = new byte[random.Next(300_000)];
            random.NextBytes(content);
            if (i % 3 == 0) Array.Fill(content, (byte)i, 0, content.Length / 2);
            Assert.Equal(PlainScan(content), Chunks(content).Select(chunk => chunk.Length));
        }
    }

    private static List<int> PlainScan(byte[] content)
    {
        var (lengths, begin, h) = (new List<int>(), 0, 0UL);
        for (var i = 0; i < content.Length; i++)
        {
            h = (h << 1) + GearTable.Values[content[i]];
            var length = i + 1 - begin;
            if (!(length >= 8192 && h >> 48 == 0 || length == 131072)) continue;
            lengths.Add(length);
            (begin, h) = (i + 1, 0);
        }
        if (begin < content.Length) lengths.Add(content.Length - begin);
        return lengths;
    }

    private static List<(XetHash Hash, int Length)> Chunks(ReadOnlySpan<byte> content)
    {
        var chunks = new List<(XetHash, int)>();
        while (GearChunker.NextLength(content, isLast: true) is > 0 and var length)
        {
            chunks.Add((XetHash.OfChunk(content[..length]), length));
            content = content[length..];
        }
        return chunks;
    }

    private static XetHash Root(IEnumerable<(XetHash Hash, int Length)> chunks)
    {
        var tree = new XetTree();
        foreach (var (hash, length) in chunks) tree.Add(hash, length);
        return tree.End();
    }

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class Trickle(byte[] content) : MemoryStream(content)
    {
        private readonly Random _random = new(1);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, _random.Next(1, 5000))], cancellationToken);
    }
}
