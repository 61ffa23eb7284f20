using ZooPlatform.Benchmark.Serving;
using ZooPlatform.Benchmark.Workers;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Benchmark.Tests;

public sealed class PathTests
{
    [Theory]
    [InlineData("acme/digits", "acme/digits", null, "")]
    [InlineData("acme/digits/infer", "acme/digits", null, "infer")]
    [InlineData("acme%2Fdigits/ready", "acme/digits", null, "ready")]
    [InlineData("acme%2fdigits/versions/abc/infer", "acme/digits", "abc", "infer")]
    [InlineData("acme/digits/versions/abc", "acme/digits", "abc", "")]
    [InlineData("acme/digits/versions//infer", "acme/digits", "", "infer")]
    [InlineData("acme/digits/infer/", "acme/digits", null, "infer")]
    public void A_model_path_is_read_from_the_right(string rest, string repository, string? version, string verb)
    {
        Assert.True(InferencePath.TryParse(rest, out var path));
        Assert.Equal(new InferencePath(repository, version, verb), path);
    }

    [Theory]
    [InlineData("digits")]
    [InlineData("digits/infer")]
    [InlineData("a/b/c")]
    [InlineData("a/b/versions/1/2/infer")]
    public void Other_paths_name_no_model(string rest) => Assert.False(InferencePath.TryParse(rest, out _));

    [Fact]
    public void The_sample_sets_nearest_to_a_model_are_its_own()
    {
        TreeEntryView[] files =
        [
            Entry("test_data_set_0/input_0.pb"), Entry("test_data_set_0/output_0.pb"),
            Entry("small/test_data_set_10/input_0.pb"), Entry("small/test_data_set_2/input_1.pb"),
            Entry("small/test_data_set_2/input_0.pb"), Entry("small/test_data_set_2/output_0.pb"), Entry("small/model.onnx"),
        ];

        var small = PrepareJob.SampleSetsFor("small/model.onnx", files);
        var root = PrepareJob.SampleSetsFor("model.onnx", files);

        Assert.Equal(["small/test_data_set_2", "small/test_data_set_10"], small.Select(set => set.Name));
        Assert.Equal(["small/test_data_set_2/input_0.pb", "small/test_data_set_2/input_1.pb"], small[0].Inputs);
        Assert.Contains("test_data_set_0", root.Select(set => set.Name));

        static TreeEntryView Entry(string path) => new(path, "file", new string('0', 64), 10, false, false, "");
    }
}
