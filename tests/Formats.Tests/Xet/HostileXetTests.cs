using System.Buffers;
using System.Text.Json.Nodes;
using ZooPlatform.Formats.Xet;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Formats.Tests.Xet;

public class HostileXetTests
{
    private static readonly Lazy<JsonNode> s_index = new(() => JsonNode.Parse(File.ReadAllText(SharedFolder.File("xet/index.json")))!);

    [CorpusFact]
    public async Task Every_hostile_xorb_is_refused_or_has_another_hash_than_it_says()
    {
        var seen = 0;
        foreach (var hostile in s_index.Value["hostile"]!.AsArray().Where(one => ((string)one!["name"]!).StartsWith("xorb-", StringComparison.Ordinal)))
        {
            if (hostile!["expect"]!["status"]!.AsArray().Any(status => (int)status! == 200)) continue;
            var request = hostile["request"]!;
            var body = XetHostile.Body(request);
            var claimed = ((string)request["path"]!)[^64..];
            var before = GC.GetAllocatedBytesForCurrentThread();
            string outcome;
            try
            {
                outcome = (await RootOfAsync(body)).ToString();
            }
            catch (InvalidDataException e)
            {
                outcome = e.Message;
            }
            Assert.True(outcome != claimed, (string?)hostile["name"]);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20, $"{hostile["name"]} allocated");
            seen++;
        }
        Assert.True(seen >= 18, $"only {seen}");
    }

    [CorpusFact]
    public async Task Shards_that_are_cut_or_claim_too_much_are_refused()
    {
        foreach (var name in new[] { "shard-empty", "shard-tag", "shard-version-3", "shard-truncated-record", "shard-no-file-bookend", "shard-term-count-max", "shard-chunk-count-max" })
        {
            var request = s_index.Value["hostile"]!.AsArray().Single(one => (string)one!["name"]! == name)!["request"]!;
            using var reader = new ShardReader(new MemoryStream(XetHostile.Body(request)));
            await Assert.ThrowsAsync<InvalidDataException>(async () =>
            {
                await reader.ReadFilesAsync(default);
                while (await reader.NextXorbAsync(default) is not null) { }
            });
        }
    }

    [Fact]
    public void Random_bytes_after_an_lz4_head_never_write_beyond_the_output()
    {
        var random = new Random(44);
        var output = new byte[1000];
        for (var i = 0; i < 20_000; i++)
        {
            var frame = new byte[random.Next(7, 80)];
            random.NextBytes(frame);
            (frame[0], frame[1], frame[2], frame[3], frame[4]) = (0x04, 0x22, 0x4D, 0x18, 0x60);
            if (frame.Length > 11) (frame[7], frame[8], frame[9], frame[10]) = ((byte)(frame.Length - 11), 0, 0, (byte)(i % 2 == 0 ? 0 : 0x80));
            Assert.Throws<InvalidDataException>(() => Lz4Frame.Decode(frame, output));
        }
    }

    [Fact]
    public async Task What_is_written_is_read()
    {
        XetHash Hash(int i) => XetHash.OfChunk([(byte)i]);
        var file = new ShardFile(Hash(1), [new ShardTerm(Hash(2), 300, 0, 2, Hash(3)), new ShardTerm(Hash(4), 7, 5, 6, Hash(5))], new string('a', 64));
        var xorb = new ShardXorb(Hash(2), [new ShardChunk(Hash(6), 100), new ShardChunk(Hash(7), 200)]);
        var output = new ArrayBufferWriter<byte>();
        var writer = new ShardWriter(output, withFooter: true);
        writer.File(file);
        writer.EndFiles();
        writer.Xorb(xorb);
        writer.EndXorbs();
        writer.Footer(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
        using var reader = new ShardReader(new MemoryStream(output.WrittenSpan.ToArray()));
        var read = Assert.Single(await reader.ReadFilesAsync(default));
        Assert.Equal((file.Hash, file.Sha256), (read.Hash, read.Sha256));
        Assert.Equal(file.Terms, read.Terms);
        var readXorb = await reader.NextXorbAsync(default);
        Assert.Equal(xorb.Chunks, readXorb!.Chunks);
        Assert.Null(await reader.NextXorbAsync(default));
    }

    [CorpusFact]
    public async Task An_answer_to_a_chunk_query_is_made_as_the_client_took_it()
    {
        // The recorded answer flags its first chunk, which no client needs; everything else must be the same but the times.
        var recorded = await File.ReadAllBytesAsync(SharedFolder.File("xet/bodies/dedup-answer-76c1cd49c239.bin"));
        using var reader = new ShardReader(new MemoryStream(recorded));
        Assert.Empty(await reader.ReadFilesAsync(default));
        var xorb = (await reader.NextXorbAsync(default))!;
        var output = new ArrayBufferWriter<byte>();
        var writer = new ShardWriter(output, withFooter: true);
        writer.EndFiles();
        writer.Xorb(xorb);
        writer.EndXorbs();
        writer.Footer(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
        var made = output.WrittenSpan;
        Assert.Equal(recorded.Length, made.Length);
        Assert.Equal(recorded.AsSpan(0, 96), made[..96]);
        Assert.Equal(recorded.AsSpan(recorded.Length - 200, 104), made[^200..^96]);
        Assert.Equal(recorded.AsSpan(recorded.Length - 8, 8), made[^8..]);
    }

    private static async Task<XetHash> RootOfAsync(byte[] body)
    {
        using var reader = new XorbReader(new MemoryStream(body));
        var tree = new XetTree();
        while (await reader.NextAsync(default) is { } chunk) tree.Add(XetHash.OfChunk(chunk.Raw.Span), chunk.Raw.Length);
        return tree.End();
    }
}
