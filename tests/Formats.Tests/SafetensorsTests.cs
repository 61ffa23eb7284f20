using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Formats.Tests;

public class SafetensorsTests
{
    [CorpusFact]
    public async Task Every_file_of_the_collection_gives_the_elements_of_the_index()
    {
        foreach (var (_, file) in Corpus.Files(format => format == "safetensors", "model"))
        {
            var inspection = (await Corpus.InspectAsync((string)file["path"]!))!;
            Assert.Empty(inspection.Findings);
            Assert.Equal((long)file["facts"]!["elements"]!, inspection.ParameterCount);
            foreach (var (key, value) in file["facts"]!["metadata"] as JsonObject ?? []) Assert.Equal((string?)value, inspection.Metadata[key]);
        }
    }

    [Theory]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, null)]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   """, 8, null)]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "holds 9")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "holds 7")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}""", 9, "hole")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "fit together")]
    [InlineData("""{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "fit together")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}""", 8, "fit together")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "fit together")]
    [InlineData("""{"w":{"dtype":"Q9","shape":[2],"data_offsets":[0,8]}}""", 8, "unknown type")]
    [InlineData("""{"w":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"v":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""", 8, "overlap")]
    [InlineData("""{"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"w":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""", 8, "twice")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "texts")]
    [InlineData("""{"w":{"shape":[[[[[[[[[[1]]]]]]]]]]}}""", 0, "")]
    [InlineData("""{"w":{"dtype":"F32" """, 0, "no JSON")]
    public async Task A_header_is_checked_like_the_reference_does(string header, int dataBytes, string? says)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)json.Length);
        json.CopyTo(file, 8);
        var inspection = await Inspect(file);
        if (says is null) Assert.Empty(inspection.Findings);
        else Assert.Contains(says, Assert.Single(inspection.Findings).Message);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(101_000_000)]
    [InlineData(3)]
    public async Task A_length_past_the_end_is_a_finding(ulong length)
    {
        var file = new byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        file[8] = (byte)'{';
        Assert.Equal("safetensors.not-parsable", Assert.Single((await Inspect(file)).Findings).Kind);
    }

    private static async Task<Inspection> Inspect(byte[] file) => (await ModelInspector.InspectAsync(
        "m.safetensors", new MemoryStream(file), _ => null, InspectionLimits.Default, CancellationToken.None))!;
}
