using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Xunit;
using Xunit.Abstractions;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole.Faults;

/// <summary>The disk that all of a platform lies on, databases too, runs full.</summary>
[Collection(nameof(OrchestratorTests))]
public sealed class DiskFullTests(ITestOutputHelper output)
{
    [MountFact]
    [Trait("Category", "Long")]
    public async Task With_no_byte_left_pushes_are_refused_in_words_and_all_goes_on_when_there_is_room()
    {
        var disk = "";
        await using (var platform = await Platform.StartAsync(prepare: folder => Mount(disk = folder)))
        {
            try
            {
                await WithoutRoomAsync(platform);
            }
            finally
            {
                // Whatever broke: a folder that is a mount point cannot be deleted, and that would be told instead.
                await platform.DownAsync();
                Run("umount", disk);
            }
        }
    }

    private async Task WithoutRoomAsync(Platform platform)
    {
        var filler = platform.DataFile("filler");
        var owner = await platform.NewOrganisationAsync();
        var (before, during) = (Kit(), Kit());
        await platform.Zoo.JsonAsync("push", before, $"{owner}/before", "-m", "first", "--public");
        foreach (var leave in new[] { 3_000_000L, 500_000L, 0L })
        {
            Fill(filler, leave);
            var refused = await platform.Zoo.RunAsync("push", during, $"{owner}/during", "-m", "first", "--public");
            output.WriteLine($"{leave} bytes left: exit {refused.ExitCode}: {refused.Error.Trim()}");
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains("error:", refused.Error);
            Assert.DoesNotContain("   at ", refused.Error);
            File.Delete(filler);
            await HealthyAsync(platform);
        }

        var clock = Stopwatch.StartNew();
        await Files.EventuallyAsync(TimeSpan.FromSeconds(60), async () =>
        {
            var pushed = await platform.Zoo.RunAsync("push", during, $"{owner}/during", "-m", "first", "--public");
            Assert.True(pushed.ExitCode == 0, pushed.ToString());
        });
        output.WriteLine($"pushed {clock.Elapsed.TotalSeconds:0.0} s after there was room");
        foreach (var (kit, name) in new[] { (before, "before"), (during, "during") })
        {
            var pulled = platform.DataFile("tests", $"pulled-{name}");
            await platform.Zoo.JsonAsync("pull", $"{owner}/{name}", pulled);
            Files.ShouldBeSame(kit, pulled);
            Directory.Delete(kit, recursive: true);
        }
    }

    private static string Kit()
    {
        var kit = Directory.CreateTempSubdirectory("zoo-kit-").FullName;
        File.WriteAllText(Path.Combine(kit, "README.md"), "# A kit\n");
        File.WriteAllBytes(Path.Combine(kit, "weights.bin"), RandomNumberGenerator.GetBytes(8_000_000));
        return kit;
    }

    private static void Fill(string filler, long leave)
    {
        using var file = File.OpenHandle(filler, FileMode.Create, FileAccess.Write);
        var page = new byte[1 << 16];
        try
        {
            for (long at = 0; new DriveInfo(Path.GetDirectoryName(filler)!).AvailableFreeSpace > leave; at += page.Length) RandomAccess.Write(file, page, at);
        }
        catch (IOException)
        {
            // full
        }
    }

    private static Task HealthyAsync(Platform platform) => Files.EventuallyAsync(TimeSpan.FromSeconds(90), async () =>
    {
        using var http = platform.Http(null);
        using var health = await http.GetAsync("/health");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    });

    private static void Mount(string folder) => Run("mount", "-t", "tmpfs", "-o", "size=700m,mode=755", "none", folder);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}

/// <summary>A test that mounts a file system: skipped with the reason where only root may, as which the tests do not run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MountFactAttribute : FactAttribute
{
    public MountFactAttribute() => Skip = Environment.IsPrivilegedProcess ? null
        : "Only root may mount a small disk for a whole platform. Artifact.Tests' DiskTests fill one in a namespace of their own.";
}
