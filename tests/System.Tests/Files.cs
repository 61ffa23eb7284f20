using System.Security.Cryptography;
using Xunit;

namespace ZooPlatform.Tests.Whole;

internal static class Files
{
    /// <summary>Relative path and SHA-256 of every file in a folder.</summary>
    public static SortedDictionary<string, string> Hashes(string folder) => new(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(
            path => Path.GetRelativePath(folder, path),
            path => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))), StringComparer.Ordinal);

    /// <summary>Every file of the kit came back byte for byte; nothing came beside them but the lines that git LFS needs.</summary>
    public static void ShouldBeSame(string kit, string pulled)
    {
        var back = Hashes(pulled);
        var gone = Hashes(kit);
        if (!gone.ContainsKey(".gitattributes")) back.Remove(".gitattributes");
        Assert.Equal(gone, back);
    }

    public static void Copy(string source, string target)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>Asks again until it holds; the last failure when it does not within the time.</summary>
    public static async Task EventuallyAsync(TimeSpan patience, Func<Task> check)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await check();
                return;
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException or HttpRequestException && clock.Elapsed < patience)
            {
                await Task.Delay(200);
            }
        }
    }
}
