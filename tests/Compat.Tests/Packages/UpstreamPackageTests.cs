using System.Diagnostics;
using System.Text.Json;

namespace ZooPlatform.Compat.Tests.Packages;

/// <summary>What the projects ask for when the real packages can be had.</summary>
public sealed class UpstreamPackageTests
{
    [Theory]
    [InlineData("ServiceDefaults/ServiceDefaults.csproj", "Aspire.Npgsql")]
    [InlineData("services/Search/Search.csproj", "CommunityToolkit.Aspire.Meilisearch")]
    [InlineData("AppHost/AppHost.csproj", "Aspire.Hosting.AppHost", "Aspire.Hosting.PostgreSQL", "Aspire.Hosting.Redis", "CommunityToolkit.Aspire.Hosting.Meilisearch")]
    public async Task With_the_real_packages_a_project_references_them_with_their_versions_and_no_stand_in(string project, params string[] packages)
    {
        var items = await EvaluateAsync(project, upstream: true);

        var referenced = Identities(items, "PackageReference");
        Assert.All(packages, package => Assert.Contains(package, referenced));
        var versions = items.GetProperty("PackageVersion").EnumerateArray()
            .ToDictionary(item => item.GetProperty("Identity").GetString()!, item => item.GetProperty("Version").GetString()!);
        Assert.All(packages, package => Assert.StartsWith("13.5.", versions[package]));
        Assert.DoesNotContain(Identities(items, "ProjectReference"), reference => reference.Contains("compat"));
    }

    [Theory]
    [InlineData("ServiceDefaults/ServiceDefaults.csproj", "Aspire.Npgsql")]
    [InlineData("AppHost/AppHost.csproj", "Aspire.Hosting.PostgreSQL", "Aspire.Hosting.Redis", "CommunityToolkit.Aspire.Hosting.Meilisearch", "LocalOrchestrator")]
    public async Task Without_them_it_references_the_stand_ins(string project, params string[] standIns)
    {
        var items = await EvaluateAsync(project, upstream: false);

        var referenced = Identities(items, "ProjectReference");
        Assert.All(standIns, standIn => Assert.Contains(referenced, reference => reference.EndsWith($"compat/{standIn}/{standIn}.csproj")));
        Assert.Empty(Identities(items, "PackageReference").Intersect(standIns));
    }

    public static TheoryData<string> Askers => [.. Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
        .Where(path => File.ReadAllText(path).Contains("<UpstreamPackage ", StringComparison.Ordinal))
        .Select(path => Path.GetRelativePath(Repository.Root, path)).Where(path => !path.StartsWith("compat", StringComparison.Ordinal))];

    /// <summary>One source tree: no file, symbol or other package depends on which one it is.</summary>
    [Theory]
    [MemberData(nameof(Askers))]
    public async Task The_real_packages_change_references_and_nothing_else(string project)
    {
        var here = await EvaluateAsync(project, upstream: false);
        var there = await EvaluateAsync(project, upstream: true);

        var asked = Identities(here, "UpstreamPackage");
        Assert.NotEmpty(asked);
        Assert.Equal(Identities(here, "Compile"), Identities(there, "Compile"));
        Assert.Equal(asked.Order(), Identities(there, "PackageReference").Except(Identities(here, "PackageReference")).Except(["Aspire.Hosting.AppHost"]).Order());
        Assert.Empty(Identities(here, "PackageReference").Except(Identities(there, "PackageReference")));
        var standIns = Identities(here, "ProjectReference").Except(Identities(there, "ProjectReference")).ToArray();
        Assert.All(standIns, standIn => Assert.Contains("compat/", standIn));
        Assert.All(asked, package => Assert.Contains(standIns, standIn => standIn.EndsWith($"compat/{package}/{package}.csproj")));
        Assert.Empty(Identities(there, "ProjectReference").Except(Identities(here, "ProjectReference")));
        var versions = Identities(there, "PackageVersion");
        Assert.All(asked, package => Assert.Contains(package, versions));
    }

    [Fact]
    public async Task Every_stand_in_has_a_pinned_upstream_version()
    {
        var items = await EvaluateAsync("ServiceDefaults/ServiceDefaults.csproj", upstream: true);

        // The SDK's version stands where it is imported; the orchestrator is Aspire's own then.
        var standIns = Directory.GetDirectories(Path.Combine(Repository.Root, "compat")).Select(folder => Path.GetFileName(folder)!)
            .Except(["Aspire.AppHost.Sdk", "LocalOrchestrator"]);
        Assert.Empty(standIns.Except(Identities(items, "PackageVersion")));
    }

    private static string[] Identities(JsonElement items, string type) =>
        [.. items.GetProperty(type).EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!)];

    private static async Task<JsonElement> EvaluateAsync(string project, bool upstream)
    {
        using var sdks = new SdksWithAspire();
        var start = new ProcessStartInfo("dotnet",
        [
            "msbuild", Path.Combine(Repository.Root, project), "-nologo", $"-p:UseUpstreamPackages={(upstream ? "true" : "false")}",
            "-getItem:PackageReference,PackageVersion,ProjectReference,UpstreamPackage,Compile",
        ])
        { RedirectStandardOutput = true, WorkingDirectory = Repository.Root };
        if (upstream)
        {
            start.Environment["MSBuildSDKsPath"] = sdks.Path;
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output);
        return JsonDocument.Parse(output).RootElement.GetProperty("Items");
    }
}
