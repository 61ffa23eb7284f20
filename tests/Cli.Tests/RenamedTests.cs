namespace ZooPlatform.Cli.Tests;

public sealed class RenamedTests : IAsyncLifetime
{
    private TestZoo elsewhere = null!;
    private TestZoo zoo = null!;
    private Terminal terminal = null!;

    public async Task InitializeAsync()
    {
        elsewhere = await TestZoo.StartAsync();
        elsewhere.Add("acme/m", ("a.txt", "elsewhere"u8.ToArray()));
        zoo = await TestZoo.StartAsync(app =>
        {
            app.MapGet("/api/v1/repositories/acme/old/{**rest}", (string rest, HttpRequest request) =>
                Results.Redirect($"/api/v1/repositories/acme/m/{rest}{request.QueryString}", permanent: false, preserveMethod: true));
            app.MapGet("/api/v1/repositories/acme/far/{**rest}", (string rest, HttpRequest request) =>
                Results.Redirect($"{elsewhere.Url}/api/v1/repositories/acme/m/{rest}{request.QueryString}", permanent: false, preserveMethod: true));
        });
        zoo.Add("acme/m", ("a.txt", "hello"u8.ToArray()));
        terminal = new Terminal(zoo.Url);
        terminal.Variables["ZOO_TOKEN"] = "hf_zoop_test";
    }

    [Fact]
    public async Task A_renamed_repository_is_pulled_by_its_old_name_with_the_same_credential()
    {
        await terminal.DoAsync("pull", "acme/old", terminal.PathOf("out"));
        Assert.Equal("hello", File.ReadAllText(terminal.PathOf("out/a.txt")));
        Assert.Contains(zoo.Requests, request => request.Contains("/acme/m/", StringComparison.Ordinal));
        Assert.All(zoo.Authorizations, sent => Assert.Equal("Bearer hf_zoop_test", sent));
    }

    [Fact]
    public async Task The_credential_does_not_go_where_a_redirect_leads_out_of_the_zoo()
    {
        await terminal.DoAsync("pull", "acme/far", terminal.PathOf("out"));
        Assert.Equal("elsewhere", File.ReadAllText(terminal.PathOf("out/a.txt")));
        Assert.NotEmpty(elsewhere.Authorizations);
        Assert.All(elsewhere.Authorizations, Assert.Empty);
    }

    public async Task DisposeAsync()
    {
        terminal.Dispose();
        await zoo.DisposeAsync();
        await elsewhere.DisposeAsync();
    }
}
