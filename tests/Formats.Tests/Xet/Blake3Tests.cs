using System.Security.Cryptography;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Formats.Tests.Xet;

public class Blake3Tests
{
    // From the algorithm's published vectors: input byte i is i % 251; the key is the ASCII text that the vectors use.
    [Theory]
    [InlineData(0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262")]
    [InlineData(1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213")]
    [InlineData(1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11")]
    [InlineData(1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7")]
    [InlineData(1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444")]
    public void The_published_vectors_come_out(int length, string expected)
    {
        var hash = new byte[32];
        Blake3.Hash(Counting(length), hash);
        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }

    [Fact]
    public void Eight_lanes_four_and_one_agree_on_every_length()
    {
        var random = new Random(20261121);
        var lengths = Enumerable.Range(0, 70).Concat([127, 128, 1023, 1024, 1025, 2048, 2049, 3 * 1024, 4 * 1024, 4 * 1024 + 1, 5 * 1024,
            8 * 1024 - 1, 8 * 1024, 8 * 1024 + 1, 9 * 1024, 16 * 1024, 17 * 1024 + 5, 31 * 1024, 64 * 1024, 128 * 1024, 256 * 1024, 257 * 1024, 300_001])
            .Concat(Enumerable.Range(0, 60).Select(_ => random.Next(200_000)));
        var key = RandomNumberGenerator.GetBytes(32);
        foreach (var length in lengths)
        {
            var content = new byte[length];
            random.NextBytes(content);
            var (one, four, eight) = (new byte[32], new byte[32], new byte[32]);
            Blake3.KeyedHash(key, content, one, 1);
            Blake3.KeyedHash(key, content, four, 4);
            Blake3.KeyedHash(key, content, eight, 8);
            Assert.Equal(one, four);
            Assert.Equal(one, eight);
        }
    }

    private static byte[] Counting(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i % 251))];
}
