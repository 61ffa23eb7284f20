using ZooPlatform.Tests.Support;

namespace ZooPlatform.Formats.Tests;

public class DetectionCorpusTests
{
    // What is told otherwise than the folder it was filed under, and why.
    private static readonly Dictionary<string, (string? Ours, string Why)> Deviations = new()
    {
        ["torchscript/not_torchscript_bug510/bug510.dat"] = (null, "weights of no known container, as the case says"),
        ["pytorch/png_named_pt/bad_pytorch.pt"] = (null, "it is a picture"),
        ["pytorch/netmodel_iris/Network.onnx"] = (ModelFormats.Onnx, "it is the ONNX export beside the PyTorch model"),
        ["tf_saved_model/half_plus_two_no_variables_tflite_dir/model.tflite"] = (ModelFormats.TfLite, "it is what its name says"),
        ["rknn/multiple_input_rk3588/source/test.onnx"] = (ModelFormats.Onnx, "it is the source of the RKNN model"),
        ["xgboost/agaricus_old_binary/xgagaricus.model"] = (null, "the old binary has no magic"),
        ["xgboost/mushroom_treelite/mushroom.model"] = (null, "the old binary has no magic"),
        ["sklearn/joblib_compressed_variants/gzip.gz"] = (null, "compressed: nothing is unpacked to tell"),
        ["sklearn/joblib_compressed_variants/bzip2.pkl.bz2"] = (null, "compressed: nothing is unpacked to tell"),
        ["sklearn/joblib_compressed_variants/xz.pkl.xz"] = (null, "compressed: nothing is unpacked to tell"),
        ["sklearn/joblib_compressed_variants/lzma.pkl.lzma"] = (null, "compressed: nothing is unpacked to tell"),
        ["pickle/sklearn_system_echo/malicious_model_scikit.pkl"] = (ModelFormats.ScikitLearn, "it is a scikit-learn pickle"),
        ["pickle/pytorch_zip_eval/malicious_eval.pt"] = (ModelFormats.Archive, "a zip without the members of a PyTorch file"),
        ["pickle/pytorch_zip_eval/safe_model.pt"] = (ModelFormats.Archive, "a zip without the members of a PyTorch file"),
    };

    [Fact]
    public void A_git_lfs_pointer_is_no_model() =>
        Assert.Null(ModelFormats.Detect("model.onnx", "version https://git-lfs.github.com/spec/v1\n"u8));

    [CorpusFact]
    public void Every_model_file_is_recognised()
    {
        var differences = new List<string>();
        foreach (var (entry, file) in Corpus.Files(_ => true, "model"))
        {
            var path = (string)file["path"]!;
            var found = Detect(path);
            var expected = Deviations.TryGetValue(path, out var deviation) ? deviation.Ours : (string)entry["format"]!;
            if (found != expected) differences.Add($"{path}: expected {expected}, found {found}");
        }
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private static string? Detect(string path)
    {
        var bytes = File.ReadAllBytes(Corpus.FullPath(path));
        var sample = Math.Min(bytes.Length, ModelFormats.SampleBytes);
        return ModelFormats.Detect(path, bytes.AsSpan(0, sample), bytes.AsSpan(bytes.Length - sample));
    }
}
