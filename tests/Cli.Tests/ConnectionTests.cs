using ZooPlatform.Cli.Credentials;

namespace ZooPlatform.Cli.Tests;

public sealed class ConnectionTests : IAsyncLifetime
{
    private TestZoo zoo = null!;
    private Terminal terminal = null!;

    public async Task InitializeAsync()
    {
        zoo = await TestZoo.StartAsync(app => app.MapGet("/api/v1/organisations", () => new { items = Array.Empty<object>() }));
        terminal = new Terminal();
    }

    [Fact]
    public async Task Without_any_zoo_the_person_is_told_how_to_start_one()
    {
        Assert.Equal(1, await terminal.RunAsync("org", "list"));
        Assert.Equal(
            "error: there is no zoo to talk to\ntry:   ./zoo up starts one here; --url or ZOO_URL names another\n", terminal.Error.ToString());
    }

    [Fact]
    public async Task The_platform_of_the_data_folder_is_used_with_its_administrators_token()
    {
        WritePlatform();
        await terminal.DoAsync("org", "list");
        Assert.Equal(["Bearer hf_zoop_admin"], zoo.Authorizations);
    }

    [Theory]
    [InlineData("hf_zoop_admin")]
    [InlineData("hf_zoop_login", "login")]
    [InlineData("hf_zoop_variable", "login", "variable")]
    [InlineData("hf_zoop_option", "login", "variable", "option")]
    public async Task The_nearest_credential_wins(string expected, params string[] given)
    {
        WritePlatform();
        if (given.Contains("login"))
        {
            Logins.Save(new Uri(zoo.Url), new Login("ada", "hf_zoop_login", null));
        }
        if (given.Contains("variable"))
        {
            terminal.Variables["ZOO_TOKEN"] = "hf_zoop_variable";
        }
        await terminal.DoAsync(given.Contains("option") ? ["org", "list", "--token", "hf_zoop_option"] : ["org", "list"]);
        Assert.Equal([$"Bearer {expected}"], zoo.Authorizations);
    }

    [Fact]
    public async Task The_administrators_token_goes_to_no_other_zoo()
    {
        WritePlatform("http://127.0.0.1:9");
        await terminal.DoAsync("org", "list", "--url", zoo.Url);
        Assert.Equal([""], zoo.Authorizations);
    }

    [Fact]
    public async Task A_token_is_not_carried_along_when_a_zoo_leads_elsewhere()
    {
        await using var crook = await TestZoo.StartAsync(app =>
            app.MapGet("/api/v1/organisations", () => Results.Redirect($"{zoo.Url}/api/v1/organisations")));
        await terminal.DoAsync("org", "list", "--url", crook.Url, "--token", "hf_zoop_secret");
        Assert.Equal(["Bearer hf_zoop_secret"], crook.Authorizations);
        Assert.Equal([""], zoo.Authorizations);
    }

    [Fact]
    public void Logins_are_kept_for_this_user_alone()
    {
        Logins.Save(new Uri(zoo.Url), new Login("ada", "hf_zoop_login", null));
        var path = terminal.PathOf(".config/zooplatform/logins.json");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal("hf_zoop_login", Logins.Find(new Uri(zoo.Url))?.Token);
        Assert.Equal(zoo.Url, Logins.Default);
        Logins.Remove(new Uri(zoo.Url));
        Assert.Null(Logins.Default);
    }

    [Fact]
    public async Task Status_and_down_say_when_nothing_runs()
    {
        Assert.Equal(1, await terminal.RunAsync("status"));
        Assert.StartsWith($"wrong: nothing runs on {terminal.PathOf("data")}", terminal.Output);
        Assert.Contains("do:    ./zoo up", terminal.Output);
        Assert.Equal($"nothing runs on {terminal.PathOf("data")}\n", await terminal.DoAsync("down"));
    }

    [Fact]
    public async Task A_platform_file_whose_process_is_another_program_counts_as_not_running()
    {
        WritePlatform();
        Assert.Equal(1, await terminal.RunAsync("status", "--json"));
        Assert.False(terminal.Json.GetProperty("running").GetBoolean());
        Assert.Contains("nothing runs on", await terminal.DoAsync("down"));
    }

    private LoginStore Logins => LoginStore.Of(new Surroundings(TextWriter.Null, TextWriter.Null, terminal.Variables.GetValueOrDefault, TimeProvider.System));

    private void WritePlatform(string? url = null)
    {
        terminal.Write("data/platform.json", System.Text.Encoding.UTF8.GetBytes(
            $$"""{ "url": "{{url ?? zoo.Url}}", "pid": {{Environment.ProcessId}}, "instance": "t", "startedAt": "2026-01-01T00:00:00Z", "resources": {} }"""));
        terminal.Write("data/admin.json", """{ "userName": "root", "token": "hf_zoop_admin", "signInUrl": "http://x/" }"""u8.ToArray());
    }

    public async Task DisposeAsync()
    {
        terminal.Dispose();
        await zoo.DisposeAsync();
    }
}
