using System.Text;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Formats.Tests;

public class GgufTests
{
    [CorpusFact]
    public async Task Files_of_the_collection_give_their_key_values()
    {
        foreach (var (entry, file) in Corpus.Files(format => format == "gguf", "model"))
        {
            var inspection = (await Corpus.InspectAsync((string)file["path"]!))!;
            var rejected = (string)entry["expect"]!["verdict"]! == "reject";
            Assert.Equal(rejected, inspection.Findings.Any(f => f.Kind == "gguf.not-parsable"));
            foreach (var (key, value) in file["facts"]!["kv"]!.AsObject())
            {
                if (value!.ToString().StartsWith("array[", StringComparison.Ordinal)) Assert.DoesNotContain(key, inspection.Metadata);
                else Assert.Contains(key, inspection.Metadata);
            }
        }
    }

    [Fact]
    public async Task A_small_file_gives_elements_and_block_types()
    {
        var inspection = await Inspect(Header(3, 1, 1, w => { Text(w, "general.name"); w.Write(8); Text(w, "tiny"); Tensor(w, "w", 2, 0, 64, 2); }), 72);
        Assert.Empty(inspection.Findings);
        Assert.Equal((128L, 72L), (inspection.ParameterCount, inspection.WeightBytes));
        Assert.Equal(["q4_0"], inspection.Quantisation!.WeightTypes);
        Assert.Equal("tiny", inspection.Metadata["general.name"]);
    }

    [Theory]
    [InlineData(0x03000000u, "version")]
    [InlineData(1u, "version")]
    public Task Other_versions_are_not_read(uint version, string says) => ShouldRefuse(says, Header(version, 0, 0, _ => { }));

    [Fact]
    public Task Counts_past_the_end_are_refused() => ShouldRefuse("ends", Header(3, ulong.MaxValue, ulong.MaxValue, _ => { }));

    [Fact]
    public Task A_text_past_the_end_is_refused() => ShouldRefuse("claims", Header(3, 0, 1, w => w.Write(1UL << 63)));

    [Fact]
    public Task A_list_past_the_end_is_refused() => ShouldRefuse("claims", Header(3, 0, 1, w => { Text(w, "a"); w.Write(9); w.Write(10); w.Write(ulong.MaxValue); }));

    [Fact]
    public Task Nested_lists_are_refused() => ShouldRefuse("nested", Header(3, 0, 1, w =>
    {
        Text(w, "a");
        w.Write(9);
        for (var i = 0; i < 1000; i++) { w.Write(9); w.Write(1UL); }
    }));

    [Fact]
    public Task A_shape_that_overflows_is_refused() => ShouldRefuse("counted", Header(3, 1, 0, w => Tensor(w, "w", 0, 0, 1L << 40, 1L << 40)));

    [Fact]
    public Task An_alignment_of_zero_is_refused() => ShouldRefuse("alignment", Header(3, 0, 1, w => { Text(w, "general.alignment"); w.Write(4); w.Write(0); }));

    [Fact]
    public Task Tensor_data_past_the_end_is_refused() => ShouldRefuse("take", Header(3, 1, 0, w => Tensor(w, "w", 0, 32, 8)));

    private static async Task ShouldRefuse(string says, byte[] header)
    {
        var finding = Assert.Single((await Inspect(header, 0)).Findings);
        Assert.Equal(("gguf.not-parsable", FindingSeverity.Error), (finding.Kind, finding.Severity));
        Assert.Contains(says, finding.Message);
    }

    private static byte[] Header(uint version, ulong tensors, ulong pairs, Action<BinaryWriter> rest)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("GGUF"u8);
        writer.Write(version);
        writer.Write(tensors);
        writer.Write(pairs);
        rest(writer);
        return stream.ToArray();
    }

    private static void Text(BinaryWriter writer, string text)
    {
        writer.Write((ulong)text.Length);
        writer.Write(Encoding.UTF8.GetBytes(text));
    }

    private static void Tensor(BinaryWriter writer, string name, uint type, ulong offset, params long[] dims)
    {
        Text(writer, name);
        writer.Write(dims.Length);
        foreach (var dim in dims) writer.Write(dim);
        writer.Write(type);
        writer.Write(offset);
    }

    private static async Task<Inspection> Inspect(byte[] header, int dataBytes)
    {
        var padded = new byte[((header.Length + 31) / 32 * 32) + dataBytes];
        header.CopyTo(padded, 0);
        var file = dataBytes > 0 ? padded : header;
        return (await ModelInspector.InspectAsync("m.gguf", new MemoryStream(file), _ => null, InspectionLimits.Default, CancellationToken.None))!;
    }
}
