using System.Diagnostics;
using System.Security.Cryptography;
using Xunit.Abstractions;
using ZooPlatform.Formats.Xet;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Formats.Tests.Xet;

/// <summary>Prints what one core does: <c>dotnet test --filter FullyQualifiedName~XetSpeed --logger "console;verbosity=detailed"</c>.</summary>
public class XetSpeedTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Category", "Long")]
    public void Chunking_and_hashing_keep_up_with_a_disk()
    {
        var content = XetFiles.Random("speed", 64 << 20);
        var key = new byte[32];
        var hash = new byte[32];
        double Best(Action run) => content.Length / 1e9 / Enumerable.Range(0, 15).Select(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            run();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }).Min();
        void HashAll(int lanes)
        {
            for (var at = 0; at < content.Length; at += 64 << 10) Blake3.KeyedHash(key, content.AsSpan(at, 64 << 10), hash, lanes);
        }
        var chunker = Best(() =>
        {
            ReadOnlySpan<byte> rest = content;
            while (GearChunker.NextLength(rest, true) is > 0 and var length) rest = rest[length..];
        });
        var (eight, four, one) = (Best(() => HashAll(8)), Best(() => HashAll(4)), Best(() => HashAll(1)));
        var sha = Best(() => SHA256.HashData(content, hash));
        output.WriteLine($"GB/s a core: chunker {chunker:0.00}, BLAKE3 of 64 KiB chunks {eight:0.00} (eight lanes) {four:0.00} (four) {one:0.00} (one), SHA-256 {sha:0.00}");
        Assert.True(chunker > 0.5 && eight > 0.5, "slower than a disk");
    }
}
