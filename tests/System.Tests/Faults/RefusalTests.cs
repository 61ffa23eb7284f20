using System.Net.Http.Json;
using System.Text;
using Xunit;

namespace ZooPlatform.Tests.Whole.Faults;

/// <summary>Bad input gets a clear error and leaves nothing.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class RefusalTests(RunningZoo running)
{
    [Fact]
    public async Task Bytes_that_do_not_match_their_hash_are_refused_and_leave_nothing()
    {
        var repository = await running.NewRepositoryAsync();
        using var http = running.Http(running.AdminToken);
        var (bytes, promised) = (Encoding.UTF8.GetBytes("what came"), Uploads.Hash(Encoding.UTF8.GetBytes("what was promised")));
        var upload = await http.CreateUploadAsync(repository, promised, bytes.Length);
        using var sent = await http.PatchUploadAsync(upload, 0, new ByteArrayContent(bytes));
        using var done = sent.IsSuccessStatusCode ? await http.PostAsync($"/api/v1/uploads/{upload}/complete", null) : sent;
        await done.ShouldRefuseAsync("sha", 400, 409, 422);
        using var commit = await http.CommitAsync(repository, null, ("a.bin", promised));
        await commit.ShouldRefuseAsync("blob", 422);
    }

    [Fact]
    public async Task A_commit_on_an_unknown_parent_is_refused_with_the_head_there_is()
    {
        var repository = await running.NewRepositoryAsync();
        using var http = running.Http(running.AdminToken);
        var blob = await http.PutBlobAsync(repository, "hello");
        using var first = await http.CommitAsync(repository, null, ("a.txt", blob));
        var head = (await first.ReadJsonAsync()).GetProperty("id").GetString()!;
        using var stale = await http.CommitAsync(repository, new string('0', 40), ("b.txt", blob));
        await stale.ShouldRefuseAsync(head, 409);
        using var second = await http.CommitAsync(repository, null, ("b.txt", blob));
        await second.ShouldRefuseAsync(head, 409);
    }

    [Theory]
    [InlineData("../escape.txt")]
    [InlineData("/absolute.txt")]
    [InlineData("a/../../b.txt")]
    [InlineData(".git/config")]
    [InlineData("back\\slash")]
    [InlineData("")]
    public async Task A_path_that_leads_elsewhere_is_refused(string path)
    {
        var repository = await running.NewRepositoryAsync();
        using var http = running.Http(running.AdminToken);
        var blob = await http.PutBlobAsync(repository, "hello");
        using var commit = await http.CommitAsync(repository, null, (path, blob));
        await commit.ShouldRefuseAsync("", 400, 422);
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData("..")]
    [InlineData("a--b")]
    [InlineData("name.git")]
    [InlineData("-start")]
    public async Task A_repository_name_outside_the_rule_is_refused(string name)
    {
        var owner = await running.NewOrganisationAsync();
        using var http = running.Http(running.AdminToken);
        using var answer = await http.PostAsJsonAsync("/api/v1/repositories", new { owner, name });
        await answer.ShouldRefuseAsync("name", 400, 422);
    }

    [Fact]
    public async Task A_card_with_broken_YAML_is_a_finding_and_its_text_still_shows()
    {
        var owner = await running.NewOrganisationAsync();
        var folder = running.NewFolder("card");
        File.WriteAllText(Path.Combine(folder, "README.md"), "---\nlicense: [mit\n---\n# Still readable\n");
        await running.Zoo.JsonAsync("push", folder, $"{owner}/card", "-m", "first", "--public");
        await Files.EventuallyAsync(TimeSpan.FromSeconds(20), async () =>
        {
            var model = (await running.Zoo.JsonAsync("show", $"{owner}/card")).GetProperty("model");
            Assert.Contains(model.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("kind").GetString()!.StartsWith("card.", StringComparison.Ordinal));
            Assert.Contains("Still readable", model.GetProperty("card").GetProperty("markdown").GetString());
        });
        using var http = running.Http(null);
        Assert.Contains("Still readable", await http.GetStringAsync($"/{owner}/card"));
    }
}
