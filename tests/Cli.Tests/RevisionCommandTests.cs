using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Tests;

/// <summary><c>zoo rm</c>, <c>diff</c>, <c>tag</c>, <c>alias</c>.</summary>
public sealed class RevisionCommandTests : IAsyncLifetime
{
    private readonly List<(string Path, SetRef To)> sets = [];
    private RefView? alias;
    private TestZoo zoo = null!;
    private Terminal terminal = null!;

    public async Task InitializeAsync()
    {
        zoo = await TestZoo.StartAsync(app =>
        {
            var repository = app.MapGroup("/api/v1/repositories/acme/m");
            repository.MapGet("/aliases/prod", () => alias is null ? Results.Problem("no such alias", statusCode: 404, type: "urn:zoo:ref.unknown") : Results.Ok(alias));
            repository.MapPut("/{kind}/{name}", (string kind, string name, SetRef to) =>
            {
                sets.Add(($"{kind}/{name}", to));
                return Results.Ok(alias = new RefView(name, to.Revision, DateTimeOffset.UnixEpoch, to.Message));
            });
            repository.MapGet("/aliases/prod/history", () => new Page<AliasMoveView>(
                [new("aaa", "bbb", "ada", DateTimeOffset.UnixEpoch, "better"), new(null, "aaa", "ben", DateTimeOffset.UnixEpoch, null)]));
            repository.MapGet("/diff", (string? from, string to, string? after) => after is null
                ? new DiffPage("old", "new", [new("renamed", "b.txt", "a.txt", "x", "x", 5, 5), new("added", "c", null, null, "z", null, 7)], "c")
                : new DiffPage(from, to, [new("removed", "c.txt", null, "y", null, 2000, null), new("removed", "was.txt", null, "z", null, 7, null)]));
        });
        zoo.Add("acme/m", ("a.txt", "a"u8.ToArray()), ("d/b.txt", "b"u8.ToArray()), ("d/e/c.txt", "c"u8.ToArray()), ("dd.txt", "d"u8.ToArray()));
        terminal = new Terminal(zoo.Url);
    }

    [Fact]
    public async Task Rm_deletes_files_and_folders_in_one_new_revision_or_nothing()
    {
        Assert.Equal(1, await terminal.RunAsync("rm", "acme/m", "a.txt", "missing.txt", "-m", "less"));
        Assert.Contains("holds no missing.txt; nothing was deleted", terminal.Error.ToString());
        Assert.Equal(4, zoo.FilesOf("acme/m").Count);
        await terminal.DoAsync("rm", "acme/m", "a.txt", "d/", "-m", "less");
        Assert.Equal(["dd.txt"], zoo.FilesOf("acme/m").Keys);
        Assert.Equal(2, await terminal.RunAsync("rm", "acme/m", "dd.txt"));   // a message is needed
    }

    [Fact]
    public async Task An_alias_is_moved_from_where_it_was_seen()
    {
        await terminal.DoAsync("alias", "set", "acme/m", "prod", "--revision", "1", "-m", "first");
        Assert.Contains("prod moved from 1 to 2", await terminal.DoAsync("alias", "set", "acme/m", "prod", "--revision", "2"));
        Assert.Equal([("aliases/prod", new SetRef("1", null, "first")), ("aliases/prod", new SetRef("2", "1"))], sets);
        var history = (await terminal.DoAsync("alias", "history", "acme/m", "prod")).Split('\n');
        Assert.Contains("ada", history[1]);
        Assert.EndsWith("aaa   bbb  better", history[1]);
        await terminal.DoAsync("tag", "acme/m", "v1", "--revision", "prod");
        Assert.Equal(("tags/v1", new SetRef("prod")), sets[^1]);
    }

    [Fact]
    public async Task Diff_pages_on_with_the_ids_of_the_first_page()
    {
        var lines = (await terminal.DoAsync("diff", "acme/m", "v1", "main")).Split('\n');
        Assert.EndsWith("a.txt -> b.txt", lines[1]);
        Assert.EndsWith("was.txt -> c", lines[2]);   // its two ends were on two pages
        Assert.EndsWith("2.0 kB  -    c.txt", lines[3]);
        Assert.Contains(zoo.Requests, request => request.EndsWith("/diff?from=old&to=new&after=c", StringComparison.Ordinal));
    }

    public async Task DisposeAsync()
    {
        terminal.Dispose();
        await zoo.DisposeAsync();
    }
}
