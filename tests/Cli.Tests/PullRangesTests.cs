using System.Diagnostics;
using System.Text.Json;
using ZooPlatform.Cli.Transfers;

namespace ZooPlatform.Cli.Tests;

/// <summary>Large files come in ranges, several at once; what is there is not fetched again, and nothing wrong is ever put in place.</summary>
public sealed class PullRangesTests : IAsyncLifetime
{
    private const int MiB = 1024 * 1024;

    private static readonly byte[] Weights = Terminal.RandomBytes(56 * MiB);

    private readonly Terminal terminal = new(inMemory: true);
    private TestZoo zoo = null!;
    private Func<HttpContext, Stream, Stream> through = (_, body) => body;
    private Func<string, string?> range = asked => asked;

    public async Task InitializeAsync()
    {
        zoo = await TestZoo.StartAsync(app =>
        {
            app.DeliverThrough((context, body) => through(context, body));
            app.RangesAre(asked => range(asked));
        });
        zoo.Add("acme/m", ("w.bin", Weights));
        terminal.Variables["ZOO_URL"] = zoo.Url;
    }

    private string Out => terminal.PathOf("out");

    private string File => Path.Combine(Out, "w.bin");

    private string Partial => $"{File}.{TestZoo.Sha256(Weights)}.partial";

    [Fact]
    public async Task A_large_file_comes_in_ranges_and_nothing_else_is_left_in_the_folder()
    {
        await PullAsync();
        ShouldBe(Weights);
        Assert.Equal((56L * MiB, 0L, 0L), (Told("fetchedBytes"), Told("reusedBytes"), Told("resumedBytes")));
        Assert.Equal(
            ["bytes=0-16777215", "bytes=16777216-33554431", "bytes=33554432-50331647", "bytes=50331648-"], RangesAsked().Order());
        Assert.Equal([File], Directory.GetFiles(Out));
    }

    [Fact]
    public async Task Connections_cut_at_random_cost_nothing_that_came()
    {
        var random = new Random(7);
        var cuts = 0;
        through = (context, body) => new WatchedStream(context, body, wanted =>
        {
            lock (random)
            {
                return ValueTask.FromResult<int?>(cuts < 12 && random.Next(60) == 0 && cuts++ >= 0 ? null : random.Next(1, wanted + 1));
            }
        });
        await PullAsync();
        ShouldBe(Weights);
        Assert.Equal(12, cuts);
        Assert.Equal(56L * MiB, Told("fetchedBytes"));
    }

    [Fact]
    public async Task A_zoo_that_answers_the_whole_file_instead_of_a_range_gives_the_right_bytes()
    {
        range = _ => null;
        await PullAsync();
        ShouldBe(Weights);
    }

    [Fact]
    public async Task A_zoo_that_answers_another_range_is_not_believed()
    {
        range = asked => asked.Replace("16777216-", "16777217-", StringComparison.Ordinal);
        Assert.Equal(1, await terminal.RunAsync("pull", "acme/m", Out));
        Assert.Contains("answers another range of w.bin", terminal.Error.ToString());
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public async Task Wrong_bytes_are_never_put_in_place_and_leave_nothing_that_is_believed()
    {
        zoo.Deliver = bytes =>
        {
            var wrong = (byte[])bytes.Clone();
            wrong[50 * MiB] ^= 1;
            return wrong;
        };
        terminal.Write("out/w.bin", "before"u8.ToArray());
        Assert.Equal(1, await terminal.RunAsync("pull", "acme/m", Out));
        Assert.Contains("it was thrown away", terminal.Error.ToString());
        Assert.Equal([File], Directory.GetFiles(Out));
        Assert.Equal("before", System.IO.File.ReadAllText(File));
        zoo.Deliver = bytes => bytes;
        await PullAsync();
        ShouldBe(Weights);
        Assert.Equal(0, Told("resumedBytes"));
    }

    [Fact]
    public async Task What_the_zoo_moves_on_to_meanwhile_does_not_mix_with_what_was_asked_for()
    {
        var next = Terminal.RandomBytes(3 * MiB);
        var changed = 0;
        through = (_, body) =>
        {
            if (Interlocked.Exchange(ref changed, 1) == 0)
            {
                zoo.Change("acme/m", "w.bin", next);
            }
            return body;
        };
        await PullAsync();
        ShouldBe(Weights);
        await PullAsync();
        ShouldBe(next);
    }

    [Fact]
    public async Task Killed_in_the_middle_it_goes_on_with_what_was_on_the_disk()
    {
        var passed = 0L;
        var stop = new TaskCompletionSource();
        through = (context, body) => new WatchedStream(context, body, async wanted =>
        {
            if (Interlocked.Add(ref passed, wanted) > 44 * MiB)
            {
                stop.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
            return wanted;
        });
        using (var pull = Start("pull", "acme/m", Out))
        {
            await stop.Task.WaitAsync(TimeSpan.FromSeconds(60));
            await EventuallyAsync(() => System.IO.File.Exists(Partial + ".ranges") && new FileInfo(Partial + ".ranges").Length > 48);
            pull.Kill();
            await pull.WaitForExitAsync();
        }
        Assert.False(System.IO.File.Exists(File));
        through = (_, body) => body;

        await PullAsync();

        ShouldBe(Weights);
        Assert.InRange(Told("resumedBytes"), 32L * MiB, 45L * MiB);
        Assert.Equal(56L * MiB, Told("resumedBytes") + Told("fetchedBytes"));
        Assert.Equal([File], Directory.GetFiles(Out));
    }

    [Fact]
    public async Task Killed_right_before_it_is_put_in_place_it_is_only_checked_again()
    {
        terminal.Write($"out/w.bin.{TestZoo.Sha256(Weights)}.partial", Weights);
        await PullAsync();
        ShouldBe(Weights);
        Assert.Equal((0L, 56L * MiB), (Told("fetchedBytes"), Told("resumedBytes")));
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("another file's")]
    [InlineData("torn")]
    [InlineData("lying")]
    public async Task A_journal_that_cannot_be_believed_costs_bytes_and_never_makes_wrong_ones(string journal)
    {
        // What a killed pull may leave: the first 40 MiB came, the journal knows of 16 and, torn, of more.
        var came = new byte[Weights.Length];
        Weights.AsSpan(0, 40 * MiB).CopyTo(came);
        terminal.Write($"out/w.bin.{TestZoo.Sha256(Weights)}.partial", came);
        var noted = new Ranges();
        noted.Add(0, journal == "lying" ? 48 * MiB : 16 * MiB);
        using (var written = RangeJournal.Open(Partial + ".ranges", journal == "another file's" ? new string('a', 64) : TestZoo.Sha256(Weights), Weights.Length))
        {
            written.Begin();
            written.Note(noted);
        }
        if (journal == "torn")
        {
            await using var torn = new FileStream(Partial + ".ranges", FileMode.Append);
            torn.Write(new byte[23]);
        }
        else if (journal == "lost")
        {
            System.IO.File.Delete(Partial + ".ranges");
        }
        await PullAsync();
        ShouldBe(Weights);
        var fetched = journal == "torn" ? 40L * MiB : 56L * MiB;
        Assert.InRange(Told("fetchedBytes"), fetched, journal == "lying" ? fetched + 32 * MiB : fetched);
    }

    [Fact]
    public async Task Of_a_changed_file_only_the_chunks_that_are_not_here_are_fetched()
    {
        await PullAsync();
        var next = Changed(Weights);
        zoo.Change("acme/m", "w.bin", next);
        await PullAsync();
        ShouldBe(next);
        Assert.InRange(Told("fetchedBytes"), 10L, 3L * MiB);
        Assert.Equal(next.Length, Told("fetchedBytes") + Told("reusedBytes"));
        Assert.Equal([File], Directory.GetFiles(Out));

        // Beside the old version, when it is told of it.
        await terminal.DoAsync("pull", "acme/m", terminal.PathOf("other"), "--json", "--reuse", Out);
        Assert.Equal((0L, (long)next.Length), (Told("fetchedBytes"), Told("reusedBytes")));
        Assert.Equal(1, await terminal.RunAsync("pull", "acme/m", terminal.PathOf("third"), "--reuse", terminal.PathOf("nowhere")));
    }

    [Fact]
    public async Task Of_a_file_that_was_written_over_in_places_only_these_are_fetched()
    {
        await PullAsync();
        var next = (byte[])Weights.Clone();
        foreach (var at in new[] { 7, 40 })
        {
            Terminal.RandomBytes(5000).CopyTo(next, at * MiB);
        }
        zoo.Change("acme/m", "w.bin", next);
        await PullAsync();
        ShouldBe(next);
        Assert.InRange(Told("fetchedBytes"), 2L, 4 * 128 * 1024);
        Assert.Equal(next.Length, Told("fetchedBytes") + Told("reusedBytes"));
        await PullAsync();
        Assert.Equal((0L, 0L), (Told("fetchedBytes"), Told("reusedBytes")));
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_reused_makes_no_wrong_one()
    {
        await PullAsync();
        var next = (byte[])Weights.Clone();
        next[1] ^= 1;
        zoo.Change("acme/m", "w.bin", next);
        var stop = new TaskCompletionSource();
        var writing = Task.Run(() =>
        {
            // Each time another byte, through the name that the pull replaces.
            using var file = new FileStream(File, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            for (var i = 0; !stop.Task.IsCompleted; i++)
            {
                file.Position = (long)i * 997 % Weights.Length;
                file.WriteByte((byte)i);
                file.Flush();
            }
        });
        await PullAsync();
        stop.SetResult();
        await writing;
        ShouldBe(next);
    }

    [Fact]
    public async Task What_an_interrupted_pull_of_an_older_revision_left_is_used_and_then_deleted()
    {
        terminal.Write($"out/w.bin.{TestZoo.Sha256(Weights)}.partial", Weights[..(40 * MiB)]);
        var next = Changed(Weights);
        zoo.Change("acme/m", "w.bin", next);
        await PullAsync();
        ShouldBe(next);
        Assert.InRange(Told("reusedBytes"), 36L * MiB, 40L * MiB);
        Assert.Equal([File], Directory.GetFiles(Out));
    }

    [Fact]
    public async Task Two_pulls_into_one_folder_share_the_work()
    {
        for (var i = 0; i < 20; i++)
        {
            zoo.Change("acme/m", $"small/{i}", Terminal.RandomBytes(1000 + i));
        }
        using var other = new Terminal(zoo.Url);
        var both = new[] { terminal, other }.Select(one => one.DoAsync("pull", "acme/m", Out, "--json")).ToArray();
        await Task.WhenAll(both);
        ShouldBe(Weights);
        Assert.Equal(21, Directory.GetFiles(Out, "*", SearchOption.AllDirectories).Length);
        Assert.InRange(Told("fetchedBytes") + other.Json.GetProperty("fetchedBytes").GetInt64(), 56L * MiB, 57L * MiB);
    }

    [Fact]
    public async Task A_full_disk_is_told_as_such_and_what_fitted_is_kept()
    {
        if (Environment.GetEnvironmentVariable("CI") != "true" && !CanMount())
        {
            return;   // this machine lets its users mount nothing
        }
        Directory.CreateDirectory(Out);
        var (cli, second) = (Cli, terminal.PathOf("second.json"));
        var script = $"""
            mount -t tmpfs -o size=100m none {Out} && head -c {60 * MiB} /dev/zero > {Out}/filler || exit 9
            dotnet {cli} pull acme/m {Out} && exit 8
            test -e {File} && exit 7
            rm {Out}/filler
            dotnet {cli} pull acme/m {Out} --json > {second} && sha256sum {File}
            """;
        string[] space = ["--mount", .. Environment.IsPrivilegedProcess ? Array.Empty<string>() : ["--user", "--map-root-user"]];
        using var process = Run("unshare", [.. space, "sh", "-c", script], terminal.Variables);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{process.ExitCode}: {await output}\n{await error}");
        Assert.Contains("error: the disk is full: w.bin needs ", await error);
        Assert.StartsWith(TestZoo.Sha256(Weights), (await output).TrimStart());
        using var told = JsonDocument.Parse(await System.IO.File.ReadAllTextAsync(second));
        Assert.InRange(told.RootElement.GetProperty("resumedBytes").GetInt64(), 20L * MiB, 40L * MiB);
    }

    [Fact]
    public async Task Bytes_are_on_the_disk_before_the_journal_says_so_and_before_the_file_has_its_name()
    {
        var trace = terminal.PathOf("trace");
        using var process = Run("strace", ["-f", "-y", "-o", trace, "-e", "trace=pwrite64,fsync,rename,renameat,renameat2", "dotnet", Cli, "pull", "acme/m", Out], terminal.Variables);
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        ShouldBe(Weights);
        // What one thread calls comes in order: "1234 fsync(7</path>) = 0".
        var noted = 0;
        foreach (var thread in (await System.IO.File.ReadAllLinesAsync(trace)).Where(line => !line.Contains("resumed>", StringComparison.Ordinal)).GroupBy(line => line.Split(' ')[0]))
        {
            var calls = thread.Select(line => line[thread.Key.Length..].Trim()).ToList();
            for (var i = 0; i < calls.Count; i++)
            {
                if (calls[i].StartsWith("pwrite64(", StringComparison.Ordinal) && calls[i].Contains(".partial.ranges>", StringComparison.Ordinal) && !calls[i].Contains("zoopull1", StringComparison.Ordinal))
                {
                    noted++;
                    Assert.Matches(@"^fsync\(\d+<.*\.partial>", calls[i - 1]);
                    Assert.Matches(@"^fsync\(\d+<.*\.partial\.ranges>", calls[i + 1]);
                }
                else if (calls[i].StartsWith("rename", StringComparison.Ordinal) && calls[i].Contains("w.bin", StringComparison.Ordinal))
                {
                    noted += 100;
                    Assert.Matches(@"^fsync\(\d+<.*\.partial>", calls[i - 1]);
                    Assert.Matches(@"^fsync\(\d+<.*/out>", calls[i + 1]);
                }
            }
        }
        Assert.InRange(noted, 101, 103);
    }

    public async Task DisposeAsync()
    {
        terminal.Dispose();
        await zoo.DisposeAsync();
    }

    private static string Cli => Path.Combine(AppContext.BaseDirectory, "ZooPlatform.Cli.dll");

    /// <summary>A few bytes put in, some written over: what moves, moves as a whole.</summary>
    private static byte[] Changed(byte[] before)
    {
        byte[] after = [.. before.AsSpan(0, 20 * MiB), .. "put in here"u8, .. before.AsSpan(20 * MiB)];
        foreach (var at in new[] { 1, 33, 41, 50 })
        {
            Terminal.RandomBytes(5000 + at).CopyTo(after, at * MiB);
        }
        return after;
    }

    private static bool CanMount()
    {
        using var tried = Run("unshare", ["--mount", "sh", "-c", "mount -t tmpfs none /mnt"]);
        tried.WaitForExit();
        return tried.ExitCode == 0;
    }

    private static async Task EventuallyAsync(Func<bool> happens)
    {
        for (var tries = 0; !happens(); tries++)
        {
            Assert.True(tries < 600, "it never happened");
            await Task.Delay(50);
        }
    }

    private static Process Run(string program, string[] arguments, Dictionary<string, string>? settings = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings ?? [])
        {
            start.Environment[name] = value;
        }
        return Process.Start(start)!;
    }

    private Process Start(params string[] arguments) => Run("dotnet", [Cli, .. arguments], terminal.Variables);

    private Task PullAsync() => terminal.DoAsync("pull", "acme/m", Out, "--json");

    private long Told(string what) => terminal.Json.GetProperty(what).GetInt64();

    private List<string> RangesAsked()
    {
        lock (zoo.Requests)
        {
            return zoo.Ranges.Where(range => range.Length > 0).ToList();
        }
    }

    private void ShouldBe(byte[] expected) => Assert.True(System.IO.File.ReadAllBytes(File).AsSpan().SequenceEqual(expected), "the file has other bytes");
}
