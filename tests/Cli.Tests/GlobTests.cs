using ZooPlatform.Cli.Transfers;

namespace ZooPlatform.Cli.Tests;

public sealed class GlobTests
{
    [Theory]
    [InlineData("*.onnx", "model.onnx", true)]
    [InlineData("*.onnx", "deep/er/model.onnx", true)]      // no slash: the name alone
    [InlineData("*.onnx", "model.onnx.bak", false)]
    [InlineData("docs/*.md", "docs/a.md", true)]
    [InlineData("docs/*.md", "docs/deep/a.md", false)]
    [InlineData("docs/*.md", "other/docs/a.md", false)]
    [InlineData("docs/**", "docs/deep/a.md", true)]
    [InlineData("docs/", "docs/deep/a.md", true)]
    [InlineData("**/a.md", "a.md", true)]
    [InlineData("**/a.md", "x/y/a.md", true)]
    [InlineData("/a.md", "a.md", true)]
    [InlineData("/a.md", "x/a.md", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("x/a?c", "x/a/c", false)]
    [InlineData("a.c", "abc", false)]                       // a dot is a dot
    [InlineData("[a](b)+{c}|$^", "[a](b)+{c}|$^", true)]
    public void A_glob_means_the_paths_it_says(string glob, string path, bool meant)
    {
        Assert.Equal(meant, new Globs([glob], []).Mean(path));
        Assert.Equal(!meant, new Globs([], [glob]).Mean(path));
    }

    [Fact]
    public void A_hostile_glob_takes_no_time() =>
        Assert.False(new Globs([string.Concat(Enumerable.Repeat("*a", 200))], []).Mean(new string('a', 1000) + "b"));
}
