namespace ZooPlatform.Cli.Tests;

public sealed class PullTests : IAsyncLifetime
{
    private static readonly byte[] Model = Terminal.RandomBytes(600_000);

    private TestZoo zoo = null!;
    private Terminal terminal = null!;

    public async Task InitializeAsync()
    {
        zoo = await TestZoo.StartAsync();
        zoo.Add("acme/m", ("model.onnx", Model), ("docs/notes.md", "# Notes"u8.ToArray()), ("empty", []));
        terminal = new Terminal(zoo.Url);
    }

    [Fact]
    public async Task Pulled_files_equal_what_was_pushed()
    {
        await terminal.DoAsync("pull", "acme/m", terminal.PathOf("out"), "--json");

        Assert.Equal(3, terminal.Json.GetProperty("downloaded").GetInt32());
        Assert.Equal(Model, File.ReadAllBytes(terminal.PathOf("out/model.onnx")));
        Assert.Equal("# Notes", File.ReadAllText(terminal.PathOf("out/docs/notes.md")));
        Assert.Empty(File.ReadAllBytes(terminal.PathOf("out/empty")));
        Assert.Empty(Directory.GetFiles(terminal.PathOf("out"), "*.partial", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Where_the_zoo_itself_holds_wrong_bytes_that_is_said_and_what_to_do()
    {
        await using var damaged = await TestZoo.StartAsync(app => app.Use((context, next) =>
        {
            if (context.Request.Method != "POST" || !context.Request.Path.Value!.Contains("/files/", StringComparison.Ordinal))
            {
                return next();
            }
            context.Response.StatusCode = 500;
            return context.Response.WriteAsJsonAsync(new { type = "urn:zoo:blob.damaged", detail = "Its bytes are damaged." });
        }));
        damaged.Add("acme/m", ("model.onnx", Model));
        damaged.Deliver = bytes => [.. bytes.Select(b => (byte)(b ^ 1))];
        using var other = new Terminal(damaged.Url);

        Assert.Equal(1, await other.RunAsync("pull", "acme/m", other.PathOf("out")));

        Assert.Contains("model.onnx came twice with SHA-256", other.Error.ToString());
        Assert.Contains("push the file again, which mends it", other.Error.ToString());
        Assert.False(File.Exists(other.PathOf("out/model.onnx")));
    }

    [Fact]
    public async Task Wrong_bytes_are_thrown_away_and_refused()
    {
        zoo.Deliver = bytes => [.. bytes.Select(b => (byte)(b ^ 1))];
        terminal.Write("out/model.onnx", "what was there before"u8.ToArray());

        Assert.Equal(1, await terminal.RunAsync("pull", "acme/m", terminal.PathOf("out")));

        Assert.Contains("came twice with SHA-256", terminal.Error.ToString());
        Assert.Contains("the zoo's own copy is right", terminal.Error.ToString());   // it was asked, and let its own bytes pass
        Assert.Equal("what was there before", File.ReadAllText(terminal.PathOf("out/model.onnx")));
        Assert.False(File.Exists(terminal.PathOf("out/docs/notes.md")));

        zoo.Deliver = bytes => bytes;
        await terminal.DoAsync("pull", "acme/m", terminal.PathOf("out"));
        Assert.Equal(Model, File.ReadAllBytes(terminal.PathOf("out/model.onnx")));
    }

    [Fact]
    public async Task Wrong_bytes_that_an_interrupted_pull_left_are_fetched_again()
    {
        terminal.Write($"out/model.onnx.{TestZoo.Sha256(Model)}.partial", new byte[400_000]);

        await terminal.DoAsync("pull", "acme/m", terminal.PathOf("out"));

        Assert.Equal(Model, File.ReadAllBytes(terminal.PathOf("out/model.onnx")));
    }

    [Fact]
    public async Task An_interrupted_pull_goes_on_where_it_stopped()
    {
        var partial = $"out/model.onnx.{TestZoo.Sha256(Model)}.partial";
        terminal.Write(partial, Model[..400_000]);

        await terminal.DoAsync("pull", "acme/m", terminal.PathOf("out"));

        Assert.Equal(Model, File.ReadAllBytes(terminal.PathOf("out/model.onnx")));
        Assert.False(File.Exists(terminal.PathOf(partial)));
        Assert.Contains("bytes=400000-", zoo.Ranges);
    }

    [Fact]
    public async Task Only_what_the_globs_mean_is_pulled_and_listed()
    {
        await terminal.DoAsync("pull", "acme/m", terminal.PathOf("some"), "--include", "*.onnx", "--include", "docs/**", "--exclude", "*.md");
        Assert.Equal([terminal.PathOf("some/model.onnx")], Directory.GetFiles(terminal.PathOf("some"), "*", SearchOption.AllDirectories));
        var listed = await terminal.DoAsync("ls", "acme/m", "--exclude", "*.onnx");
        Assert.Contains("docs/notes.md", listed);
        Assert.DoesNotContain("model.onnx", listed);
    }

    [Fact]
    public async Task What_is_there_already_is_not_fetched()
    {
        await terminal.DoAsync("pull", "acme/m", terminal.PathOf("out"));
        zoo.Requests.Clear();

        await terminal.DoAsync("pull", "acme/m", terminal.PathOf("out"), "--json");

        Assert.Equal(3, terminal.Json.GetProperty("present").GetInt32());
        Assert.DoesNotContain(zoo.Requests, r => r.Contains("/files/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("../escaped")]
    [InlineData("/etc/escaped")]
    [InlineData("a/../../escaped")]
    [InlineData("a//escaped")]
    public void A_path_that_leaves_the_folder_is_refused(string path)
    {
        Assert.Throws<Refusal>(() => Transfers.Pull.PathIn(terminal.PathOf("out"), path));
    }

    [Fact]
    public async Task An_unknown_repository_is_refused_with_advice()
    {
        Assert.Equal(1, await terminal.RunAsync("pull", "acme/hidden"));
        Assert.Equal(
            "error: There is no main that you can see\ntry:   check the name; private ones are shown only to those who are signed in: ./zoo login\n",
            terminal.Error.ToString());
    }

    public async Task DisposeAsync()
    {
        terminal.Dispose();
        await zoo.DisposeAsync();
    }
}
