namespace ZooPlatform.Cli.Tests;

public sealed class ParsingTests : IDisposable
{
    private readonly Terminal terminal = new("http://127.0.0.1:9");

    [Theory]
    [InlineData("zoo --help", "frobnicate")]
    [InlineData("zoo push --help", "push", "DIR")]
    [InlineData("zoo push --help", "push", "DIR", "acme/m", "--unknown")]
    [InlineData("zoo user invite --help", "user", "invite", "ada@example.org")]
    [InlineData("./zoo tag acme/m TAG --delete", "tag", "acme/m", "--delete")]
    [InlineData("zoo repo visibility --help", "repo", "visibility", "acme/m", "hidden")]
    [InlineData("OWNER/NAME, like acme/mobilenet-v2-int8", "show", "acme")]
    [InlineData("OWNER/NAME, like acme/mobilenet-v2-int8", "pull", "a/b/c")]
    [InlineData("give one of them", "push", ".", "acme/m", "--public", "--private")]
    [InlineData("./zoo repo delete acme/m --yes", "repo", "delete", "acme/m")]
    [InlineData("http://HOST:PORT or https://HOST, nothing after it", "whoami", "--url", "http://zoo.example/path")]
    [InlineData("give the file's path, or JSON that begins with [ or {", "infer", "acme/m", "--input", "image=missing.pb")]
    public async Task Wrong_usage_says_what_is_wrong_and_what_to_try_and_ends_with_2(string advice, params string[] args)
    {
        Assert.Equal(2, await terminal.RunAsync(args));
        var lines = terminal.Error.ToString().Split('\n');
        Assert.StartsWith("error: ", lines[0]);
        Assert.Equal($"try:   {advice}", lines[1]);
        Assert.Empty(terminal.Output);
    }

    [Fact]
    public async Task Help_names_every_command()
    {
        var help = await terminal.DoAsync("--help");
        foreach (var command in new[]
        {
            "up", "down", "status", "login", "logout", "whoami", "org", "user", "token", "repo", "push", "pull", "ls", "log", "tag", "alias", "diff", "rm", "du", "gc", "search", "show",
            "bench", "infer",
        })
        {
            Assert.Contains($"\n  {command} ", help);
        }
        Assert.Contains("--json", await terminal.DoAsync("token", "create", "--help"));
    }

    [Fact]
    public async Task A_zoo_that_does_not_answer_is_told_at_once_with_1()
    {
        Assert.Equal(1, await terminal.RunAsync("search", "digits"));
        Assert.Contains("error: no zoo answers at http://127.0.0.1:9: ", terminal.Error.ToString());
        Assert.Contains("try:   ./zoo status", terminal.Error.ToString());
    }

    public void Dispose() => terminal.Dispose();
}
