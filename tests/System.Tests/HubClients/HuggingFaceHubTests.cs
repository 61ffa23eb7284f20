using System.Text.Json;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole.HubClients;

/// <summary>npm's @huggingface/hub does all it can with a repository of models, through the gateway, by LFS and by Xet.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class HuggingFaceHubTests(RunningZoo running)
{
    private const string Sources = "tests/System.Tests/HubClients/huggingface-hub";

    [Fact]
    public async Task The_JavaScript_client_makes_fills_reads_and_deletes_a_repository()
    {
        var organisation = await running.NewOrganisationAsync();
        var client = await NodeClient.InstallAsync(Sources, running.NewFolder("huggingface-hub"));
        var ran = await client.RunAsync(["client.mjs"], ("ZOO_URL", running.Url), ("NAMESPACE", organisation),
            ("TOKEN", await People.JoinAsync(running, "hub", organisation, "maintainer")), ("STRANGER", await People.JoinAsync(running, "hubstranger")));

        // docs/clients.md says which calls these are.
        var calls = JsonDocument.Parse(ran.TrimEnd().Split('\n')[^1]).RootElement;   // the client itself prints what it downloads
        var table = await File.ReadAllTextAsync(Path.Combine(SharedFolder.Repository, "docs", "clients.md"));
        foreach (var function in calls.EnumerateObject())
            foreach (var call in function.Value.EnumerateArray().Select(call => call.GetString()!.Split(' ')))
                Assert.True(table.Contains($"`{call[0]} {Pattern(call[1])}`", StringComparison.Ordinal), $"docs/clients.md does not say that {function.Name} calls {call[0]} {Pattern(call[1])}");
    }

    [Fact]
    public async Task The_JavaScript_client_uploads_by_Xet_and_sends_only_what_is_new()
    {
        var organisation = await running.NewOrganisationAsync();
        var client = await NodeClient.InstallAsync(Sources, running.NewFolder("huggingface-hub-xet"));
        var ran = await client.RunAsync(["xet.mjs"], ("ZOO_URL", running.Url), ("NAMESPACE", organisation),
            ("TOKEN", await People.JoinAsync(running, "xet", organisation, "maintainer")));
        var table = await File.ReadAllTextAsync(Path.Combine(SharedFolder.Repository, "docs", "clients.md"));
        foreach (var run in JsonDocument.Parse(ran.TrimEnd().Split('\n')[^1]).RootElement.GetProperty("calls").EnumerateObject())
            foreach (var call in run.Value.EnumerateArray().Select(call => call.GetString()!.Split(' ')))
                Assert.True(table.Contains($"`{call[0]} {Pattern(call[1])}`", StringComparison.Ordinal), $"docs/clients.md does not say that an upload by Xet calls {call[0]} {Pattern(call[1])}");
    }

    /// <summary>An address with what differs from call to call as a word.</summary>
    private static string Pattern(string path)
    {
        var segments = path.Split('/');
        for (var i = 1; i < segments.Length; i++)
        {
            if (segments[i - 1] is "revision" or "tree" or "commits" or "commit" or "preupload" or "paths-info" or "branch" or "resolve" or "raw" or "xet-write-token") segments[i] = "{rev}";
            else if (segments[i - 1] is "{upload}") segments[i] = "{offset}";
            if (i >= 2 && segments[i - 2] is "resolve" or "raw") return string.Join('/', segments[..i]) + "/{path}";
        }
        return string.Join('/', segments);
    }
}
