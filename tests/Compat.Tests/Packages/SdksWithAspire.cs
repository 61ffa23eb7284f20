namespace ZooPlatform.Compat.Tests.Packages;

/// <summary>
/// The installed SDKs and, beside them, an Aspire.AppHost.Sdk that does nothing, so that projects which import the real one can be
/// evaluated where it cannot be had.
/// </summary>
internal sealed class SdksWithAspire : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("zoo-sdks-");

    public SdksWithAspire()
    {
        var installed = Installed();
        Link(installed, _folder.FullName, except: "Sdks");
        Directory.CreateDirectory(Path);
        Link(System.IO.Path.Combine(installed, "Sdks"), Path);

        var aspire = Directory.CreateDirectory(System.IO.Path.Combine(Path, "Aspire.AppHost.Sdk", "Sdk"));
        File.WriteAllText(System.IO.Path.Combine(aspire.FullName, "Sdk.props"), "<Project />");
        File.WriteAllText(System.IO.Path.Combine(aspire.FullName, "Sdk.targets"), "<Project />");
    }

    /// <summary>For MSBuildSDKsPath.</summary>
    public string Path => System.IO.Path.Combine(_folder.FullName, "Sdks");

    public void Dispose() => _folder.Delete(recursive: true);

    private static void Link(string from, string to, string? except = null)
    {
        foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos().Where(entry => entry.Name != except))
        {
            File.CreateSymbolicLink(System.IO.Path.Combine(to, entry.Name), entry.FullName);
        }
    }

    /// <summary>The newest SDK beside the runtime this test runs on.</summary>
    private static string Installed()
    {
        var root = new DirectoryInfo(System.IO.Path.GetDirectoryName(typeof(object).Assembly.Location)!).Parent!.Parent!.Parent!;
        return Directory.GetDirectories(System.IO.Path.Combine(root.FullName, "sdk")).MaxBy(folder => Version.TryParse(System.IO.Path.GetFileName(folder), out var version) ? version : new Version())!;
    }
}
