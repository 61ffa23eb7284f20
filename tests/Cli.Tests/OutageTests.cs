namespace ZooPlatform.Cli.Tests;

public sealed class OutageTests
{
    [Fact]
    public async Task A_zoo_that_asks_to_come_back_is_asked_again()
    {
        var asked = 0;
        await using var zoo = await TestZoo.StartAsync(app => app.MapPost("/api/v1/organisations", (HttpContext context) =>
        {
            if (++asked < 3)
            {
                context.Response.Headers.RetryAfter = "0";
                return Results.Problem("Identity starts.", statusCode: 503);
            }
            return Results.Ok(new { id = Guid.CreateVersion7(), name = "acme", displayName = (string?)null, role = "owner", createdAt = DateTimeOffset.UnixEpoch });
        }));
        using var terminal = new Terminal(zoo.Url);
        Assert.StartsWith("created acme; you are its owner\n", await terminal.DoAsync("org", "create", "acme"));
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_zoos_words()
    {
        var asked = 0;
        await using var zoo = await TestZoo.StartAsync(app => app.MapPost("/api/v1/organisations", () =>
        {
            asked++;
            return Results.Problem("The name 'acme' is taken. Try another one.", statusCode: 409, type: "urn:zoo:organisation.taken");
        }));
        using var terminal = new Terminal(zoo.Url);
        Assert.Equal(1, await terminal.RunAsync("org", "create", "acme"));
        Assert.Equal("error: The name 'acme' is taken\ntry:   another one\n", terminal.Error.ToString());
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Something_that_is_no_zoo_is_recognised()
    {
        await using var zoo = await TestZoo.StartAsync(app => app.MapGet("/api/v1/users/me", () => Results.Content("<html>", "text/html")));
        using var terminal = new Terminal(zoo.Url);
        Assert.Equal(1, await terminal.RunAsync("whoami", "--token", "t"));
        Assert.Contains("did not answer as a zoo does", terminal.Error.ToString());
    }
}
