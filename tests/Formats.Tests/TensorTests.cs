using System.Buffers.Binary;
using System.Text.Json;
using ZooPlatform.Formats.Tensors;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Formats.Tests;

public class TensorTests
{
    [Theory]
    [InlineData("""{"name":"x","datatype":"FP32","shape":[1,3],"data":[0.1,-2,0.25]}""")]
    [InlineData("""{"name":"x","datatype":"FP64","shape":[2],"data":[1E+300,-0.5]}""")]
    [InlineData("""{"name":"x","datatype":"FP16","shape":[2],"data":[1.5,-0.25]}""")]
    [InlineData("""{"name":"x","datatype":"INT64","shape":[2],"data":[-9223372036854775808,9223372036854775807]}""")]
    [InlineData("""{"name":"x","datatype":"UINT64","shape":[],"data":[18446744073709551615]}""")]
    [InlineData("""{"name":"x","datatype":"INT8","shape":[2],"data":[-128,127]}""")]
    [InlineData("""{"name":"x","datatype":"UINT8","shape":[1],"data":[255]}""")]
    [InlineData("""{"name":"x","datatype":"INT16","shape":[0],"data":[]}""")]
    [InlineData("""{"name":"x","datatype":"UINT16","shape":[1],"data":[65535]}""")]
    [InlineData("""{"name":"x","datatype":"INT32","shape":[1],"data":[-2147483648]}""")]
    [InlineData("""{"name":"x","datatype":"UINT32","shape":[1],"data":[4294967295]}""")]
    [InlineData("""{"name":"x","datatype":"BOOL","shape":[2],"data":[true,false]}""")]
    [InlineData("""{"name":"x","datatype":"BYTES","shape":[2],"data":["a","b"]}""")]
    public void A_tensor_goes_through_json_unchanged(string json) => Assert.Equal(json, Write(Read(json)));

    [Fact]
    public void What_json_cannot_say_is_read_as_a_word_and_written_as_null() => Assert.Equal(
        """{"name":"x","datatype":"FP64","shape":[3],"data":[null,null,null]}""",
        Write(Read("""{"data":["NaN","Infinity","-Infinity"],"shape":[3],"datatype":"FP64","name":"x"}""")));

    [Theory]
    [InlineData("""{"name":"x","datatype":"FP32","shape":[1],"data":[null]}""", "null is no FP32")]
    [InlineData("""{"name":"x","datatype":"FP32","shape":[1],"data":[1e39]}""", "1e39 is no FP32")]
    [InlineData("""{"name":"x","datatype":"FP16","shape":[1],"data":[70000]}""", "70000 is no FP16")]
    [InlineData("""{"name":"x","datatype":"BYTES","shape":[1],"data":["\ud800"]}""", "Unicode")]
    [InlineData("""{"name":"x","datatype":"INT32","shape":[2,2],"data":[[1,2,3],[4]]}""", "nested otherwise")]
    [InlineData("""{"name":"x","datatype":"INT32","shape":[2,2],"data":[[1,2],3,4]}""", "nested otherwise")]
    [InlineData("""{"name":"x","datatype":"INT32","shape":[2],"data":[1,[2]]}""", "nested otherwise")]
    [InlineData("""{"name":"x","datatype":"INT64","shape":[1000000000000,4],"data":[]}""", "elements")]
    [InlineData("""{"name":"x","datatype":"INT32","shape":[1],"data":[1],"parameters":{"binary_data_size":4}}""", "both")]
    public void Data_that_do_not_fit_say_why(string json, string says) =>
        Assert.Contains(says, Assert.Throws<InvalidDataException>(() => Read(json)).Message);

    [Theory]
    [InlineData(ElementType.Bool, new long[] { 1 }, new byte[] { 2 }, "0 or 1")]
    [InlineData(ElementType.Float32, new long[] { 1, 2 }, new byte[] { 0, 0, 0, 0 }, "needs 8 bytes")]
    [InlineData(ElementType.String, new long[] { 1 }, new byte[] { 2, 0, 0, 0, 65 }, "cut")]
    [InlineData(ElementType.String, new long[] { 1 }, new byte[] { 255, 255, 255, 255, 65 }, "cut")]
    [InlineData(ElementType.String, new long[] { 1 }, new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, "has more")]
    [InlineData(ElementType.String, new long[] { 2 }, new byte[] { 0, 0, 0, 0 }, "has 1")]
    [InlineData(ElementType.Float32, new long[] { 4611686018427387904, 4 }, new byte[0], "more elements")]
    public void Bytes_that_do_not_fit_say_why(ElementType type, long[] shape, byte[] bytes, string says) =>
        Assert.Contains(says, Assert.Throws<InvalidDataException>(() => OpenInferenceData.Check("x", type, shape, bytes)).Message);

    [Fact]
    public void Bytes_of_strings_go_there_and_back()
    {
        var tensor = Tensor.OfWire("x", ElementType.String, [2], new byte[] { 1, 0, 0, 0, 255, 0, 0, 0, 0 });
        Assert.Equal([[255], []], tensor.Strings);
        Assert.Equal([1, 0, 0, 0, 255, 0, 0, 0, 0], tensor.WireBytes.ToArray());
        Assert.Contains("Ask for binary", Assert.Throws<InvalidDataException>(() => Write(tensor)).Message);
    }

    [Fact]
    public void Nested_data_are_read_row_by_row() => Assert.Equal(
        """{"name":"x","datatype":"INT32","shape":[2,2],"data":[1,2,3,4]}""",
        Write(Read("""{"name":"x","datatype":"INT32","shape":[2,2],"data":[[1,2],[3,4]]}""")));

    [Theory]
    [InlineData("""{"name":"x","datatype":"INT8","shape":[1],"data":[128]}""", "128 is no INT8")]
    [InlineData("""{"name":"x","datatype":"INT32","shape":[1],"data":[1.5]}""", "1.5 is no INT32")]
    [InlineData("""{"name":"x","datatype":"BOOL","shape":[1],"data":[1]}""", "1 is no BOOL")]
    [InlineData("""{"name":"x","datatype":"FP32","shape":[2],"data":[1]}""", "needs 2 elements and has 1")]
    [InlineData("""{"name":"x","datatype":"FP32","shape":[-1],"data":[1]}""", "dimension")]
    [InlineData("""{"name":"x","datatype":"FP32","shape":[4294967296,4294967296],"data":[1]}""", "more elements")]
    [InlineData("""{"name":"x","datatype":"BF16","shape":[1],"data":[1]}""", "BF16")]
    [InlineData("""{"name":"x","datatype":"FP32","shape":[1]}""", "data must be a list")]
    [InlineData("""{"datatype":"FP32","shape":[1],"data":[1]}""", "'name'")]
    [InlineData("[]", "object")]
    public void A_tensor_that_does_not_fit_says_why(string json, string says) =>
        Assert.Contains(says, Assert.Throws<InvalidDataException>(() => Read(json)).Message);

    [Fact]
    public void Typed_fields_give_the_same_as_raw_data()
    {
        var raw = new byte[8];
        BinaryPrimitives.WriteSingleLittleEndian(raw, 1.5f);
        BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(4), -2f);
        var fromRaw = TensorFile.Read(Wire.Tensor("w", 1, [2]).Data(9, raw).Bytes);
        var fromFloats = TensorFile.Read(Wire.Tensor("w", 1, [2]).Data(4, raw).Bytes);
        Assert.Equal(fromRaw.Data.ToArray(), fromFloats.Data.ToArray());
        var bytes = TensorFile.Read(Wire.Tensor("w", 3, [2]).Int(5, -1).Int(5, 7).Bytes);
        Assert.Equal([255, 7], bytes.Data.ToArray());
    }

    [Fact]
    public void Comparison_counts_what_is_out_of_tolerance()
    {
        var compared = TensorComparison.Compare(Floats(1, 100, float.NaN, float.PositiveInfinity, 0), Floats(1.05f, 100.5f, float.NaN, 3, 0.001f), 0.01, 0.01);
        Assert.Equal((5, 2), (compared.Elements, compared.Mismatches));
        Assert.Equal(0.5, compared.MaxAbsoluteDifference, 4);
        Assert.Equal(0.05, compared.MaxRelativeDifference, 4);
        Assert.False(compared.Matches);
    }

    [Fact]
    public void Tensors_of_other_shapes_are_not_compared() =>
        Assert.Equal("expected x: float32[2], found x: float32[1]", TensorComparison.Compare(Floats(1, 2), Floats(1), 0, 0).Difference);

    [CorpusFact]
    public void Every_test_tensor_of_the_collection_is_read_or_named_as_no_tensor()
    {
        var read = 0;
        var refused = new List<string>();
        foreach (var path in Directory.EnumerateFiles(Corpus.FullPath("onnx"), "*.pb", SearchOption.AllDirectories))
        {
            if (!Path.GetFileName(path).Contains("put", StringComparison.Ordinal)) continue;
            try
            {
                var tensor = TensorFile.Read(File.ReadAllBytes(path));
                Assert.True(TensorComparison.Compare(tensor, tensor, 0, 0).Matches);
                read++;
            }
            catch (InvalidDataException)
            {
                refused.Add(Path.GetRelativePath(Corpus.FullPath("onnx"), path));
            }
        }
        Assert.All(refused, path => Assert.Matches("seq|optional", path));
        Assert.InRange(read, 80, int.MaxValue);
    }

    private static Tensor Floats(params float[] values) =>
        Tensor.Of("x", ElementType.Float32, [values.Length], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static Tensor Read(string json) => OpenInferenceTensors.Read(JsonDocument.Parse(json).RootElement);

    private static string Write(Tensor tensor)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) OpenInferenceTensors.Write(writer, tensor);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
