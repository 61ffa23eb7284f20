using FsCheck;
using FsCheck.Fluent;
using ZooPlatform.Formats.Tensors;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Formats.Tests;

public class HostileBytesTests
{
    private static readonly byte[] Sound = Wire.Model(Wire.Graph(
        Wire.Node("Add", "x", "a").Text(1, "w"), Wire.Node("If", "x", "y").Message(5, new Wire().Text(1, "then_branch").Message(6, Wire.Graph(Wire.Node("Relu", "a", "y")))))
        .Message(5, Wire.Tensor("w", 1, [2]).Data(9, new byte[8])));

    [Fact]
    public void Any_bytes_give_an_inspection() =>
        Prop.ForAll<byte[]>(bytes => { Inspect(bytes ?? []); }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Every_prefix_of_a_sound_model_gives_findings()
    {
        Assert.True(Inspect(Sound).FitToRun, string.Join('\n', Inspect(Sound).Findings));
        for (var length = 0; length < Sound.Length; length++) Assert.False(Inspect(Sound[..length]).FitToRun);
    }

    [Fact]
    public void A_sound_model_with_changed_bytes_gives_an_inspection() =>
        Prop.ForAll<(int At, byte Value)[]>(changes =>
        {
            var copy = (byte[])Sound.Clone();
            foreach (var (at, value) in changes ?? []) copy[(at & int.MaxValue) % copy.Length] = value;
            Inspect(copy);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Any_bytes_are_a_tensor_or_invalid_data() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            try
            {
                TensorFile.Read(bytes ?? []);
            }
            catch (InvalidDataException)
            {
                // The one answer to bytes that are no tensor.
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Any_bytes_behind_a_right_beginning_give_an_inspection() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            Inspect([.. "GGUF\x03\0\0\0"u8, .. bytes ?? []]);
            Inspect([40, 0, 0, 0, 0, 0, 0, 0, (byte)'{', .. bytes ?? []]);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [CorpusFact]
    public async Task Every_file_of_the_collection_gives_an_inspection_whatever_it_is_called()
    {
        foreach (var path in Directory.EnumerateFiles(Corpus.FullPath(""), "*", SearchOption.AllDirectories))
        {
            foreach (var name in new[] { Path.GetFileName(path), "model.onnx", "model.safetensors", "model.gguf" })
            {
                await using var stream = File.OpenRead(path);
                await ModelInspector.InspectAsync(name, stream, _ => null, InspectionLimits.Default, CancellationToken.None);
            }
        }
    }

    private static Inspection Inspect(byte[] file) => ModelInspector.InspectAsync(
        "m.onnx", new MemoryStream(file), _ => null, InspectionLimits.Default, CancellationToken.None).GetAwaiter().GetResult()!;
}
