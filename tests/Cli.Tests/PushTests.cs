namespace ZooPlatform.Cli.Tests;

public sealed class PushTests : IAsyncLifetime
{
    private const int Size = 3000;

    private TestZoo zoo = null!;
    private Terminal terminal = null!;

    public async Task InitializeAsync()
    {
        zoo = await TestZoo.StartAsync();
        terminal = new Terminal(zoo.Url);
    }

    [Fact]
    public async Task A_push_makes_a_private_repository_that_holds_the_folder()
    {
        var model = terminal.Write("kit/model.onnx", Size);
        terminal.Write("kit/docs/deep/notes.md", "# Notes"u8.ToArray());
        terminal.Write("kit/.git/config", "not part of the kit"u8.ToArray());
        terminal.Write($"kit/model.onnx.{new string('a', 64)}.partial", "left of a pull"u8.ToArray());
        terminal.Write($"kit/model.onnx.{new string('a', 64)}.partial.ranges", "its journal"u8.ToArray());

        await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/m", "-m", "first", "--json");

        Assert.True(terminal.Json.GetProperty("created").GetBoolean());
        Assert.Equal("private", terminal.Json.GetProperty("visibility").GetString());
        Assert.Equal(2, terminal.Json.GetProperty("uploaded").GetInt32());
        Assert.Equal(Size + 7, terminal.Json.GetProperty("uploadedBytes").GetInt64());
        Assert.Equal(["docs/deep/notes.md", "model.onnx"], zoo.FilesOf("acme/m").Keys.Order());
        Assert.Equal(model, zoo.Blobs[TestZoo.Sha256(model)]);
    }

    [Fact]
    public async Task What_the_zoo_has_is_not_sent_again()
    {
        terminal.Write("kit/model.onnx", Size);
        await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/m", "-m", "first");
        terminal.Write("kit/README.md", "# A card"u8.ToArray());
        zoo.Requests.Clear();

        await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/m", "-m", "second", "--json");

        Assert.Equal(1, terminal.Json.GetProperty("uploaded").GetInt32());
        Assert.Equal(1, terminal.Json.GetProperty("skipped").GetInt32());
        Assert.Equal(Size, terminal.Json.GetProperty("skippedBytes").GetInt64());
        Assert.Single(zoo.Requests, r => r.StartsWith("PATCH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_push_of_the_same_files_makes_no_revision()
    {
        terminal.Write("kit/model.onnx", Size);
        await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/m", "-m", "first", "--json");
        var first = terminal.Json.GetProperty("revision").GetString();
        zoo.Requests.Clear();

        var told = await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/m", "-m", "again");

        Assert.StartsWith($"nothing changed: acme/m main holds these files as revision {first}", told);
        Assert.DoesNotContain(zoo.Requests, r => r.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_upload_that_breaks_off_goes_on_where_the_zoo_has_it()
    {
        var model = terminal.Write("kit/model.onnx", Size);
        zoo.CutUploadAfter = 1000;

        await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/m", "-m", "first");

        Assert.Equal(model, zoo.Blobs[TestZoo.Sha256(model)]);
        Assert.Equal(2, zoo.Requests.Count(r => r.StartsWith("PATCH", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_told_of_before_any_is_hashed()
    {
        zoo.MaxFileBytes = 1_000_000;
        terminal.Write("kit/model.onnx", Size);
        terminal.Write("kit/weights.bin", 2_000_000);

        Assert.Equal(1, await terminal.RunAsync("push", terminal.PathOf("kit"), "acme/m", "-m", "first"));

        Assert.Contains("weights.bin has 2.0 MB, and this zoo takes files of up to 1.0 MB", terminal.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hashing", terminal.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(zoo.Blobs);
    }

    [Fact]
    public async Task A_zoo_that_hashes_for_longer_than_a_proxy_waits_is_asked_until_it_has_done_so()
    {
        var model = terminal.Write("kit/model.onnx", Size);
        zoo.HashesFor = 7;   // more than it tries without progress

        await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/m", "-m", "first");

        Assert.Equal(model, zoo.Blobs[TestZoo.Sha256(model)]);
        Assert.Single(zoo.Requests, r => r.StartsWith("PATCH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Many_small_files_go_up_together_and_come_down_together()
    {
        for (var i = 0; i < 40; i++)
        {
            terminal.Write($"kit/{i % 3}/f{i}", 50 + i);
        }
        var large = terminal.Write("kit/model.onnx", 300_000);
        File.SetUnixFileMode(terminal.PathOf("kit/0/f0"), (UnixFileMode)0b111_101_101);

        await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/many", "--json");
        Assert.Equal(41, terminal.Json.GetProperty("uploaded").GetInt32());
        Assert.Single(zoo.Requests, r => r == "POST /api/v1/repositories/acme/many/blobs");
        Assert.Single(zoo.Requests, r => r.StartsWith("PATCH", StringComparison.Ordinal));

        await terminal.DoAsync("pull", "acme/many", terminal.PathOf("out"), "--json");
        Assert.Equal(41, terminal.Json.GetProperty("downloaded").GetInt32());
        Assert.Single(zoo.Requests, r => r.StartsWith("POST /api/v1/repositories/acme/many/files/", StringComparison.Ordinal));
        Assert.Single(zoo.Requests, r => r.StartsWith("GET /api/v1/repositories/acme/many/files/", StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(terminal.PathOf("kit"), "*", SearchOption.AllDirectories))
        {
            var pulled = terminal.PathOf("out" + file[terminal.PathOf("kit").Length..]);
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(pulled));
            Assert.Equal(File.GetUnixFileMode(file), File.GetUnixFileMode(pulled));
        }
        Assert.Equal(300_000, large.Length);

        zoo.Deliver = bytes => [.. bytes.Select(b => (byte)(b ^ 1))];
        Assert.Equal(1, await terminal.RunAsync("pull", "acme/many", terminal.PathOf("wrong")));
        Assert.Contains("it was thrown away", terminal.Error.ToString());
        Assert.False(Directory.Exists(terminal.PathOf("wrong")));
    }

    /// <summary>How a large file changes: written over in places; bytes put in; made longer; made shorter; all new.</summary>
    public static readonly TheoryData<string, long> Changes = new() { { "over", 600_000 }, { "in", 600_000 }, { "longer", 600_000 }, { "shorter", 300_000 }, { "new", 9_000_000 } };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Of_a_changed_file_only_what_the_zoo_does_not_know_is_sent(string change, long atMost)
    {
        var before = terminal.Write("kit/w.bin", 8_000_000);
        await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/m", "-m", "first");
        var after = change switch
        {
            "in" => [.. before.AsSpan(0, 3_000_000), .. "put in here"u8, .. before.AsSpan(3_000_000)],
            "longer" => [.. before, .. Terminal.RandomBytes(200_000)],
            "shorter" => before[..5_000_000],
            "new" => Terminal.RandomBytes(8_000_000),
            _ => (byte[])before.Clone(),
        };
        if (change == "over")
        {
            Terminal.RandomBytes(5000).CopyTo(after, 4_000_000);
            Terminal.RandomBytes(5000).CopyTo(after, 7_000_000);
        }
        terminal.Write("kit/w.bin", after);

        await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/m", "-m", "second", "--json");

        Assert.Equal(after, zoo.Blobs[TestZoo.Sha256(after)]);
        Assert.InRange(terminal.Json.GetProperty("uploadedBytes").GetInt64(), 0, atMost);
    }

    [Fact]
    public async Task What_the_zoo_copied_wrongly_is_sent()
    {
        var before = terminal.Write("kit/w.bin", 8_000_000);
        await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/m", "-m", "first");
        var after = (byte[])before.Clone();
        after[4_000_000] ^= 1;
        terminal.Write("kit/w.bin", after);
        zoo.Copied = bytes => [.. bytes.Select(b => (byte)(b ^ 1))];

        await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/m", "-m", "second");

        Assert.Equal(after, zoo.Blobs[TestZoo.Sha256(after)]);
    }

    [Fact]
    public async Task Files_that_the_folder_lacks_stay_unless_they_shall_be_deleted()
    {
        zoo.Add("acme/m", ("old.onnx", Terminal.RandomBytes(10)));
        terminal.Write("kit/new.onnx", Size);

        Assert.Contains("kept 1 file that DIR lacks", await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/m"));
        Assert.Equal(["new.onnx", "old.onnx"], zoo.FilesOf("acme/m").Keys.Order());
        Assert.Contains("deleted 1 file", await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/m", "--delete"));
        Assert.Equal(["new.onnx"], zoo.FilesOf("acme/m").Keys);
    }

    [Fact]
    public async Task A_file_keeps_its_executable_bit()
    {
        terminal.Write("kit/run.sh", "#!/bin/sh\n"u8.ToArray());
        File.SetUnixFileMode(terminal.PathOf("kit/run.sh"), (UnixFileMode)0b111_101_101);
        await terminal.DoAsync("push", terminal.PathOf("kit"), "acme/m");
        Assert.True(zoo.FilesOf("acme/m")["run.sh"].Executable);
    }

    [Fact]
    public async Task A_symbolic_link_is_refused_before_anything_is_sent()
    {
        terminal.Write("kit/model.onnx", Size);
        File.CreateSymbolicLink(terminal.PathOf("kit/passwords"), "/etc/passwd");

        Assert.Equal(1, await terminal.RunAsync("push", terminal.PathOf("kit"), "acme/m"));
        Assert.StartsWith("error: passwords is a symbolic link (to /etc/passwd)", terminal.Error.ToString());
        Assert.Empty(zoo.Requests);
    }

    [Theory]
    [InlineData("absent", "error: there is no folder ")]
    [InlineData("empty", "holds no files")]
    public async Task A_folder_without_a_kit_is_refused(string folder, string error)
    {
        Directory.CreateDirectory(terminal.PathOf("empty"));
        Assert.Equal(1, await terminal.RunAsync("push", terminal.PathOf(folder), "acme/m"));
        Assert.Contains(error, terminal.Error.ToString());
    }

    public async Task DisposeAsync()
    {
        terminal.Dispose();
        await zoo.DisposeAsync();
    }
}
