using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole;

/// <summary>Bad input gets a clear error, faults lose nothing that was acknowledged, and the platform heals by itself.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class FaultTests(RunningZoo running)
{
    [Fact]
    public async Task Bytes_that_do_not_match_their_hash_are_refused_and_leave_nothing()
    {
        var repository = await NewRepositoryAsync();
        using var http = running.Http(running.AdminToken);
        var (bytes, promised) = (Encoding.UTF8.GetBytes("what came"), Hash(Encoding.UTF8.GetBytes("what was promised")));
        var upload = await CreateUploadAsync(http, repository, promised, bytes.Length);
        using var sent = await PatchAsync(http, upload, 0, bytes);
        using var done = sent.IsSuccessStatusCode ? await http.PostAsync($"/api/v1/uploads/{upload}/complete", null) : sent;
        await ShouldRefuseAsync(done, "sha", 400, 409, 422);
        using var commit = await CommitAsync(http, repository, null, ("a.bin", promised));
        await ShouldRefuseAsync(commit, "blob", 422);
    }

    [Fact]
    public async Task A_cut_upload_goes_on_where_it_was_cut()
    {
        var repository = await NewRepositoryAsync();
        using var http = running.Http(running.AdminToken);
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        var upload = await CreateUploadAsync(http, repository, Hash(bytes), bytes.Length);
        await CutAsync(http, upload, bytes);
        // What was on its way may still arrive: then the offset that was read is refused, and is read again.
        await Files.EventuallyAsync(TimeSpan.FromSeconds(20), async () =>
        {
            var offset = await OffsetAsync(http, upload);
            Assert.InRange(offset, 0, bytes.Length - 1);
            using var rest = await PatchAsync(http, upload, offset, bytes[(int)offset..]);
            Assert.True(rest.IsSuccessStatusCode, await rest.Content.ReadAsStringAsync());
        });
        await FinishAsync(http, upload);
        using var commit = await CommitAsync(http, repository, null, ("a.bin", Hash(bytes)));
        commit.EnsureSuccessStatusCode();
        Assert.Equal(bytes, await http.GetByteArrayAsync($"/api/v1/repositories/{repository}/files/main/a.bin"));
    }

    [Fact]
    public async Task A_commit_on_an_unknown_parent_is_refused_with_the_head_there_is()
    {
        var repository = await NewRepositoryAsync();
        using var http = running.Http(running.AdminToken);
        var blob = await PutAsync(http, repository, "hello");
        using var first = await CommitAsync(http, repository, null, ("a.txt", blob));
        var head = JsonDocument.Parse(await first.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!;
        using var stale = await CommitAsync(http, repository, new string('0', 40), ("b.txt", blob));
        await ShouldRefuseAsync(stale, head, 409);
        using var second = await CommitAsync(http, repository, null, ("b.txt", blob));
        await ShouldRefuseAsync(second, head, 409);
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
        var repository = await NewRepositoryAsync();
        using var http = running.Http(running.AdminToken);
        var blob = await PutAsync(http, repository, "hello");
        using var commit = await CommitAsync(http, repository, null, (path, blob));
        await ShouldRefuseAsync(commit, "", 400, 422);
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
        await ShouldRefuseAsync(answer, "name", 400, 422);
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

    [Fact]
    public async Task Killed_between_upload_and_commit_Artifact_comes_back_with_what_it_acknowledged()
    {
        var repository = await NewRepositoryAsync();
        using var http = running.Http(running.AdminToken);
        var bytes = RandomNumberGenerator.GetBytes(2_000_000);
        var whole = await CreateUploadAsync(http, repository, Hash(bytes), bytes.Length);
        using (var sent = await PatchAsync(http, whole, 0, bytes)) sent.EnsureSuccessStatusCode();
        await FinishAsync(http, whole);
        var half = RandomNumberGenerator.GetBytes(2_000_000);
        var begun = await CreateUploadAsync(http, repository, Hash(half), half.Length);
        using (var sent = await PatchAsync(http, begun, 0, half[..1_000_000])) sent.EnsureSuccessStatusCode();

        await running.KillAsync("artifact");
        Assert.Equal(1_000_000, await OffsetAsync(http, begun));
        using (var rest = await PatchAsync(http, begun, 1_000_000, half[1_000_000..])) rest.EnsureSuccessStatusCode();
        await FinishAsync(http, begun);
        using var commit = await CommitAsync(http, repository, null, ("whole.bin", Hash(bytes)), ("half.bin", Hash(half)));
        commit.EnsureSuccessStatusCode();
        Assert.Equal(bytes, await http.GetByteArrayAsync($"/api/v1/repositories/{repository}/files/main/whole.bin"));
        Assert.Equal(half, await http.GetByteArrayAsync($"/api/v1/repositories/{repository}/files/main/half.bin"));
    }

    [Fact]
    public async Task With_PostgreSQL_frozen_for_20_seconds_nothing_is_lost_and_everything_goes_on()
    {
        var repository = await NewRepositoryAsync();
        using var http = running.Http(running.AdminToken);
        var blob = await PutAsync(http, repository, "before");
        using (var commit = await CommitAsync(http, repository, null, ("before.txt", blob))) commit.EnsureSuccessStatusCode();

        var server = Descendants(running.ProcessOf("postgres")!.Value);
        foreach (var process in server) Signal("STOP", process);
        try
        {
            using var impatient = running.Http(running.AdminToken);
            impatient.Timeout = TimeSpan.FromSeconds(15);
            try
            {
                using var during = await impatient.PostAsJsonAsync("/api/v1/repositories", new { owner = repository.Split('/')[0], name = "during" });
                Assert.Equal(HttpStatusCode.ServiceUnavailable, during.StatusCode);
            }
            catch (TaskCanceledException)
            {
                // Waiting is honest as well; answering something wrong would not be.
            }
            await Task.Delay(TimeSpan.FromSeconds(5));
        }
        finally
        {
            foreach (var process in server) Signal("CONT", process);
        }
        await Files.EventuallyAsync(TimeSpan.FromSeconds(60), async () =>
            Assert.Equal("before", await http.GetStringAsync($"/api/v1/repositories/{repository}/files/main/before.txt")));
        await Files.EventuallyAsync(TimeSpan.FromSeconds(60), async () =>
        {
            var after = await PutAsync(http, repository, "after");
            using var head = await http.GetAsync($"/api/v1/repositories/{repository}");
            var parent = JsonDocument.Parse(await head.Content.ReadAsStringAsync()).RootElement.GetProperty("head").GetString();
            using var commit = await CommitAsync(http, repository, parent, ("after.txt", after));
            Assert.True(commit.IsSuccessStatusCode, commit.StatusCode.ToString());
        });
    }

    [Theory]
    [InlineData("catalog")]
    [InlineData("search")]
    [InlineData("identity")]
    [InlineData("benchmark")]
    [InlineData("redis")]
    [InlineData("meilisearch")]
    [InlineData("postgres")]
    public async Task Killed_with_9_any_part_comes_back_and_the_job_goes_on(string resource)
    {
        await running.KillAsync(resource);
        var owner = await running.NewOrganisationAsync();
        var folder = running.NewFolder("heals");
        var word = $"heals{Guid.CreateVersion7().ToString("N")[^10..]}";
        File.WriteAllText(Path.Combine(folder, "README.md"), $"# The {word} model\n");
        await Files.EventuallyAsync(TimeSpan.FromSeconds(60), async () =>
        {
            var ran = await running.Zoo.RunAsync("push", folder, $"{owner}/heals", "-m", "first", "--public");
            Assert.True(ran.ExitCode == 0, ran.ToString());
        });
        using var http = running.Http(null);
        await Files.EventuallyAsync(TimeSpan.FromSeconds(60), async () =>
            Assert.Contains("\"total\":1", await http.GetStringAsync($"/api/v1/search?q={word}")));
    }

    private async Task<string> NewRepositoryAsync()
    {
        var owner = await running.NewOrganisationAsync();
        await running.Zoo.JsonAsync("repo", "create", $"{owner}/faults");
        return $"{owner}/faults";
    }

    private static async Task<string> CreateUploadAsync(HttpClient http, string repository, string sha256, long sizeBytes)
    {
        using var made = await http.PostAsJsonAsync("/api/v1/uploads", new { repository, sha256, sizeBytes });
        Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        return JsonDocument.Parse(await made.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!;
    }

    private static Task<HttpResponseMessage> PatchAsync(HttpClient http, string upload, long offset, byte[] bytes)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/v1/uploads/{upload}") { Content = new ByteArrayContent(bytes) };
        request.Headers.Add("Upload-Offset", $"{offset}");
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        return http.SendAsync(request);
    }

    /// <summary>Sends half of the bytes and hangs up.</summary>
    private static async Task CutAsync(HttpClient http, string upload, byte[] bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/v1/uploads/{upload}") { Content = new CutContent(bytes) };
        request.Headers.Add("Upload-Offset", "0");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.SendAsync(request));
    }

    private static async Task<long> OffsetAsync(HttpClient http, string upload)
    {
        using var answer = await http.GetAsync($"/api/v1/uploads/{upload}");
        Assert.True(answer.IsSuccessStatusCode, answer.StatusCode.ToString());
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("offsetBytes").GetInt64();
    }

    private static async Task FinishAsync(HttpClient http, string upload)
    {
        using var done = await http.PostAsync($"/api/v1/uploads/{upload}/complete", null);
        Assert.True(done.IsSuccessStatusCode, await done.Content.ReadAsStringAsync());
    }

    private static async Task<string> PutAsync(HttpClient http, string repository, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var put = await http.PutAsync($"/api/v1/repositories/{repository}/blobs/{Hash(bytes)}", new ByteArrayContent(bytes));
        Assert.True(put.IsSuccessStatusCode, $"{put.StatusCode}: {await put.Content.ReadAsStringAsync()}");
        return Hash(bytes);
    }

    private static Task<HttpResponseMessage> CommitAsync(HttpClient http, string repository, string? parent, params (string Path, string Sha256)[] files) =>
        http.PostAsJsonAsync($"/api/v1/repositories/{repository}/revisions", new
        {
            message = "test", expectedParent = parent, operations = files.Select(file => new { path = file.Path, sha256 = file.Sha256 }),
        });

    private static async Task ShouldRefuseAsync(HttpResponseMessage answer, string mention, params int[] statuses)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(statuses.Contains((int)answer.StatusCode), $"{answer.StatusCode}: {body}");
        using var problem = JsonDocument.Parse(body);
        Assert.StartsWith("urn:zoo:", problem.RootElement.GetProperty("type").GetString());
        Assert.Contains(mention, problem.RootElement.GetProperty("detail").GetString(), StringComparison.OrdinalIgnoreCase);
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>A process and all that descend from it.</summary>
    private static List<int> Descendants(int root)
    {
        var children = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _))
            .Select(name => (Id: int.Parse(name!), Parent: ParentOf(name!))).ToLookup(pair => pair.Parent, pair => pair.Id);
        var all = new List<int> { root };
        for (var i = 0; i < all.Count; i++) all.AddRange(children[all[i]]);
        return all;
    }

    private static int ParentOf(string process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 4)..].Split(' ')[0]);
        }
        catch (IOException)
        {
            return 0;   // it ended meanwhile
        }
    }

    private static void Signal(string signal, int process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        kill.WaitForExit();
    }

    private sealed class CutContent(byte[] bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await stream.FlushAsync();
            await Task.Delay(300);
            throw new IOException("cut");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
