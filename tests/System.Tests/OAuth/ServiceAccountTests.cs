using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole.OAuth;

/// <summary>A service account through the gateway: it works in its organisation and sees nothing else that is not public.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class ServiceAccountTests(RunningZoo running)
{
    [Fact]
    public async Task It_pushes_to_its_organisation_is_named_as_author_and_dies_within_five_seconds()
    {
        var (own, other) = (await running.NewOrganisationAsync(), await running.NewOrganisationAsync());
        await running.Zoo.JsonAsync("service-account", "create", "ci", "--org", own, "--role", "contributor");
        var token = (await running.Zoo.JsonAsync("service-account", "token", "ci", "--org", own)).GetProperty("token").GetString()!;
        var service = running.Zoo.As(token, running.Url);

        var kit = running.NewFolder("kit");
        await File.WriteAllTextAsync(Path.Combine(kit, "README.md"), "# By a program\n");
        await service.JsonAsync("push", kit, $"{own}/robot", "-m", "by the pipeline");
        using var http = running.Http(token);
        var log = await http.GetFromJsonAsync<JsonElement>($"/api/v1/repositories/{own}/robot/revisions");
        Assert.Equal($"{own}/ci", log.GetProperty("items")[0].GetProperty("author").GetString());

        // Internal to others is hidden, as if it were not there; internal to its own organisation is its own.
        using var admin = running.Http(running.AdminToken);
        foreach (var (organisation, expected) in new[] { (own, HttpStatusCode.OK), (other, HttpStatusCode.NotFound) })
        {
            using var made = await admin.PostAsJsonAsync("/api/v1/repositories", new { owner = organisation, name = "inside", visibility = "internal" });
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
            using var seen = await http.GetAsync($"/api/v1/repositories/{organisation}/inside");
            Assert.Equal(expected, seen.StatusCode);
        }
        using var refused = await http.PostAsJsonAsync("/api/v1/repositories", new { owner = other, name = "not-mine" });
        Assert.True(refused.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound, $"{refused.StatusCode}");

        await running.Zoo.JsonAsync("service-account", "delete", "ci", "--org", own);
        await Files.EventuallyAsync(TimeSpan.FromSeconds(6), async () =>
        {
            using var dead = await http.GetAsync($"/api/v1/repositories/{own}/robot");
            Assert.Equal(HttpStatusCode.Unauthorized, dead.StatusCode);
        });
    }

    [Fact]
    public async Task An_organisation_ends_once_it_owns_nothing()
    {
        var organisation = await running.NewOrganisationAsync();
        using var admin = running.Http(running.AdminToken);
        using var made = await admin.PostAsJsonAsync("/api/v1/repositories", new { owner = organisation, name = "last", visibility = "private" });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var inUse = await running.Zoo.RunAsync("org", "delete", organisation);
        Assert.True(inUse.ExitCode == 1 && inUse.Error.Contains("still owns repositories", StringComparison.Ordinal), inUse.ToString());

        using var deleted = await admin.DeleteAsync($"/api/v1/repositories/{organisation}/last");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await running.Zoo.JsonAsync("org", "delete", organisation);
        using var gone = await admin.GetAsync($"/api/v1/organisations/{organisation}");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }
}
