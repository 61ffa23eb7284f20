using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Revisions;

/// <summary>Comparing revisions, taking them back, making one of many.</summary>
public sealed class HistoryTests(ArtifactApp app, ITestOutputHelper output) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task A_comparison_tells_what_was_added_removed_changed_and_renamed()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var first = await repo.PushAsync(null, ("same/deep/x.txt", "same".Utf8()), ("a.txt", "1".Utf8()), ("old/name.txt", "moves".Utf8()), ("gone.txt", "gone".Utf8()),
            ("run.sh", "#!".Utf8()), ("empty1", []), ("swap", "file".Utf8()));
        var second = await repo.CommitAsync(first.Id, "x",
            new FileOperation("a.txt", await repo.PutBlobAsync("22".Utf8())), new FileOperation("old/name.txt"), new FileOperation("new name.txt", Repo.Hash("moves".Utf8())),
            new FileOperation("gone.txt"), new FileOperation("z/new.txt", await repo.PutBlobAsync("new".Utf8())), new FileOperation("run.sh", Repo.Hash("#!".Utf8()), Executable: true),
            new FileOperation("empty1"), new FileOperation("empty2", await repo.PutBlobAsync([])),
            new FileOperation("swap"), new FileOperation("swap/inside.txt", await repo.PutBlobAsync("inside".Utf8())));
        var diff = await ada.Http.GetJsonAsync<DiffPage>($"{repo.Url}/diff?from={first.Id}&to=main");
        Assert.Equal((first.Id, second.Id, null), (diff.From, diff.To, diff.Next));
        Assert.Equal(
            ["changed a.txt", "removed empty1", "added empty2", "removed gone.txt", "renamed new name.txt", "changed run.sh", "removed swap", "added swap/inside.txt", "added z/new.txt"],
            diff.Items.Select(file => $"{file.Kind} {file.Path}"));
        Assert.Equal(new FileDifferenceView("changed", "a.txt", null, Repo.Hash("1".Utf8()), Repo.Hash("22".Utf8()), 1, 2), diff.Items[0]);
        Assert.Equal("old/name.txt", diff.Items[4].OldPath);
        // Without 'from': what it did to its parent.
        Assert.Equal(JsonSerializer.Serialize(diff), JsonSerializer.Serialize(await ada.Http.GetJsonAsync<DiffPage>($"{repo.Url}/diff?to=2")));
        var whole = await ada.Http.GetJsonAsync<DiffPage>($"{repo.Url}/diff?to=1");
        Assert.Null(whole.From);
        Assert.All(whole.Items, file => Assert.Equal("added", file.Kind));
        Assert.Equal(7, whole.Items.Count);
        Assert.Empty((await ada.Http.GetJsonAsync<DiffPage>($"{repo.Url}/diff?from=2&to=main")).Items);
        await ada.Http.GetAsync($"{repo.Url}/diff?from=9").ShouldBeProblemAsync(404, "revision.unknown");
        // In pages: a rename between two of them is found by whoever has both.
        foreach (var limit in new[] { 1, 2, 5 })
        {
            var paged = new List<FileDifferenceView>();
            for (string? after = null; ;)
            {
                var page = await ada.Http.GetJsonAsync<DiffPage>($"{repo.Url}/diff?from=1&to=2&limit={limit}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}");
                Assert.True(page.Items.Count <= limit);
                paged.AddRange(page.Items);
                if ((after = page.Next) is null) break;
            }
            Assert.Equal(limit == 2 ? [] : ["added new name.txt"], paged.Where(file => file.Path == "new name.txt" && file.Kind == "added").Select(file => $"{file.Kind} {file.Path}"));
            Assert.Equal(diff.Items, Renames.Paired(paged));
        }
    }

    [Fact]
    public async Task Each_page_of_a_large_comparison_reads_the_folders_it_tells_of_and_no_others()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var hashes = new List<string>();
        for (var i = 0; i < 3; i++) hashes.Add(await repo.PutBlobAsync($"large {i}".Utf8()));
        FileOperation[] Files(int half) => [.. Enumerable.Range(half * 10_000, 10_000).Select(i => new FileOperation($"a{i / 2000}/b{i / 100:000}/f{i}.txt", hashes[i % 3]))];
        var first = await repo.PushAsync(null, ("a3/b071/only.txt", "only".Utf8()), ("z.txt", "z".Utf8()));
        var second = await repo.CommitAsync(first.Id, "10,000 files", Files(0));
        var last = await repo.CommitAsync(second.Id, "20,000 files", Files(1));
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ArtifactDb>();
        var told = new List<string>();
        var before = new HashSet<string>();
        for (string? after = null; ;)
        {
            var folders = new Folders(db, repo.View.Id);
            var page = await new TreeDiff(folders, after, 1000).RunAsync(first.Tree, last.Tree, default);
            told.AddRange(page.Select(file => file.Path));
            // Ten folders of 100 files; on the way there the root and up to three of the middle; where the cursor is, one more. Of the older revision: root, a3, b071.
            Assert.InRange(folders.Read.Count, 2, 10 + 5 + 3);
            Assert.InRange(folders.Read.Count(before.Contains), 0, 2 + 2 + 2);   // both roots, the middle, the cursor's
            before.UnionWith(folders.Read);
            if (page.Count < 1000) break;
            after = page[^1].Path;
        }
        Assert.Equal(20_000, told.Count);
        Assert.Equal(told.Order(StringComparer.Ordinal), told);
        Assert.Equal(Files(0).Concat(Files(1)).Select(file => file.Path).Order(StringComparer.Ordinal), told);
        // The same through HTTP, in few queries.
        using var statements = new StatementCount();
        var http = await repo.Http.GetJsonAsync<DiffPage>($"{repo.Url}/diff?from={first.Id}&to={last.Id}&after={Uri.EscapeDataString(told[10_499])}");
        Assert.Equal(told.Skip(10_500).Take(1000), http.Items.Select(file => file.Path));
        Assert.Equal(told[11_499], http.Next);
        Assert.InRange(statements.Count, 1, 15);
    }

    [Fact]
    public async Task Undo_takes_back_what_one_revision_did_and_keeps_what_later_ones_did()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var first = await repo.PushAsync(null, ("a.txt", "1".Utf8()), ("b.txt", "1".Utf8()), ("dir/c.txt", "c".Utf8()));
        var second = await repo.CommitAsync(first.Id, "a mistake", new FileOperation("a.txt", await repo.PutBlobAsync("2".Utf8())), new FileOperation("dir/c.txt"),
            new FileOperation("w.bin", await repo.PutBlobAsync(UploadTests.RandomBytes(2000))));
        // A later one adds to .gitattributes, as commits do themselves.
        var third = await repo.PushAsync(second.Id, ("b.txt", "3".Utf8()), ("later.safetensors", UploadTests.RandomBytes(3000)));
        await UndoAsync(repo, new UndoRevisionOf("2", second.Id)).ShouldBeProblemAsync(409, "revision.head-moved");
        using var answer = await UndoAsync(repo, new UndoRevisionOf("2", third.Id));
        await answer.ShouldBeAsync(HttpStatusCode.Created);
        var undone = await answer.ReadAsync<RevisionView>();
        Assert.Equal((4, third.Id, "Undo 2: a mistake"), (undone.Number, undone.Parent, undone.Message));
        Assert.Equal([".gitattributes", "a.txt", "b.txt", "dir/c.txt", "later.safetensors"], (await repo.FilesAsync("main")).Select(file => file.Path));
        Assert.Equal("1", await ada.Http.GetStringAsync($"{repo.Url}/files/main/a.txt"));
        Assert.Equal("3", await ada.Http.GetStringAsync($"{repo.Url}/files/main/b.txt"));
        // The line that came with w.bin went with it; the one that a later file needs is there.
        Assert.Equal("*.safetensors filter=lfs diff=lfs merge=lfs -text\n", await ada.Http.GetStringAsync($"{repo.Url}/files/main/.gitattributes"));
        // Again: nothing is left to take back.
        using var again = await UndoAsync(repo, new UndoRevisionOf("2", undone.Id));
        await again.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(undone, await again.ReadAsync<RevisionView>());
        // An undo is undone like anything else.
        using var redo = await UndoAsync(repo, new UndoRevisionOf("main", undone.Id, Message: "after all"));
        await redo.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal("2", await ada.Http.GetStringAsync($"{repo.Url}/files/main/a.txt"));
    }

    [Fact]
    public async Task Undo_is_refused_with_the_paths_that_later_revisions_touched()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var first = await repo.PushAsync(null, ("a.txt", "1".Utf8()), ("b.txt", "1".Utf8()), ("d", "file".Utf8()));
        var second = await repo.CommitAsync(first.Id, "x", new FileOperation("a.txt", await repo.PutBlobAsync("2".Utf8())), new FileOperation("b.txt"), new FileOperation("d"));
        var third = await repo.PushAsync(second.Id, ("a.txt", "3".Utf8()), ("b.txt", "back, but other".Utf8()), ("d/x.txt", "now a folder".Utf8()));
        var problem = await UndoAsync(repo, new UndoRevisionOf("2", third.Id)).ShouldBeProblemAsync(409, "revision.undo-conflict");
        Assert.Equal(["a.txt", "b.txt"], problem.GetProperty("paths").EnumerateArray().Select(path => path.GetString()));
        var fourth = await repo.CommitAsync(third.Id, "x", new FileOperation("a.txt", Repo.Hash("2".Utf8())), new FileOperation("b.txt"));
        problem = await UndoAsync(repo, new UndoRevisionOf("2", fourth.Id)).ShouldBeProblemAsync(409, "revision.undo-conflict");
        Assert.Equal(["d"], problem.GetProperty("paths").EnumerateArray().Select(path => path.GetString()));
        Assert.Equal(4, (await repo.Http.GetJsonAsync<RevisionView>($"{repo.Url}/revisions/main")).Number);   // nothing was committed
        await UndoAsync(repo.As(app.AUser()), new UndoRevisionOf("2", fourth.Id)).ShouldBeProblemAsync(404, "repository.unknown");
    }

    [Fact]
    public async Task Lines_of_gitattributes_that_people_changed_are_not_taken_back_over_others_heads()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var first = await repo.PushAsync(null, (".gitattributes", "*.txt text\n# ours\n".Utf8()));
        var second = await repo.PushAsync(first.Id, (".gitattributes", "*.txt -text\n# ours\n".Utf8()));
        var third = await repo.PushAsync(second.Id, ("w.bin", UploadTests.RandomBytes(2000)));   // the commit adds a line
        var problem = await UndoAsync(repo, new UndoRevisionOf("2", third.Id)).ShouldBeProblemAsync(409, "revision.undo-conflict");
        Assert.Equal([".gitattributes"], problem.GetProperty("paths").EnumerateArray().Select(path => path.GetString()));
        // One that only added lines is taken back, and what files that stay need comes again.
        var fourth = await repo.PushAsync(third.Id, (".gitattributes", "*.txt -text\n# ours\n*.bin filter=lfs diff=lfs merge=lfs -text\n*.md text\n".Utf8()));
        var fifth = await repo.PushAsync(fourth.Id, ("x.onnx", UploadTests.RandomBytes(2000)));
        using var undone = await UndoAsync(repo, new UndoRevisionOf("4", fifth.Id));
        await undone.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal("*.txt -text\n# ours\n*.bin filter=lfs diff=lfs merge=lfs -text\n*.onnx filter=lfs diff=lfs merge=lfs -text\n",
            await ada.Http.GetStringAsync($"{repo.Url}/files/main/.gitattributes"));
    }

    [Fact]
    public async Task A_squashed_branch_has_one_revision_with_the_same_files_and_tags_keep_the_old_ones()
    {
        var acme = app.AnOrganisation();
        var (maintainer, contributor) = (app.AUser(acme, Role.Maintainer), app.AUser(acme));
        var repo = await maintainer.CreateAsync(acme.Name, app.Fresh());
        RevisionView? head = null;
        for (var i = 0; i < 4; i++) head = await repo.PushAsync(head?.Id, ($"f{i}.txt", $"{i}".Utf8()));
        using (var tag = await maintainer.Http.PutAsJsonAsync($"{repo.Url}/tags/v1", new SetRef("2"), ZooJson.Options)) await tag.ShouldBeAsync(HttpStatusCode.OK);
        var ask = new SquashHistory("all in one", head!.Id);
        await SquashAsync(repo.As(contributor), ask).ShouldBeProblemAsync(403, "repository.role-needed");
        await SquashAsync(repo, ask with { ExpectedRevision = new string('0', 40) }).ShouldBeProblemAsync(409, "ref.moved");
        await SquashAsync(repo, ask, "nothing").ShouldBeProblemAsync(404, "ref.unknown");
        await SquashAsync(repo, ask with { Message = " " }).ShouldBeProblemAsync(422, "revision.message-invalid");
        await SquashAsync(repo, ask with { Onto = "main" }).ShouldBeProblemAsync(422, "revision.no-ancestor");

        using var onto = await SquashAsync(repo, ask with { Onto = "1" });
        var partly = await onto.ReadAsync<RevisionView>();
        Assert.Equal([5, 1], (await maintainer.Http.GetJsonAsync<Page<RevisionView>>($"{repo.Url}/revisions")).Items.Select(revision => revision.Number));
        using var answer = await SquashAsync(repo, ask with { ExpectedRevision = partly.Id });
        await answer.ShouldBeAsync(HttpStatusCode.Created);
        var squashed = await answer.ReadAsync<RevisionView>();
        Assert.Equal((6, null, head.Tree, 4), (squashed.Number, squashed.Parent, squashed.Tree, squashed.FileCount));
        Assert.Equal([squashed.Id], (await maintainer.Http.GetJsonAsync<Page<RevisionView>>($"{repo.Url}/revisions")).Items.Select(revision => revision.Id));
        Assert.Equal(squashed.Id, (await maintainer.Http.GetJsonAsync<RepositoryView>(repo.Url)).Head);
        Assert.Equal(["f0.txt", "f1.txt"], (await repo.FilesAsync("v1")).Select(file => file.Path));
        await repo.PushAsync(squashed.Id, ("more.txt", "more".Utf8()));
    }

    [Fact]
    public async Task A_commit_of_1_000_files_in_as_many_folders_is_one_transaction_of_few_queries()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var hashes = new List<string>();
        for (var i = 0; i < 50; i++) hashes.Add(await repo.PutBlobAsync($"file {i}".Utf8()));
        FileOperation[] Operations(int shift) => [.. Enumerable.Range(0, 1000).Select(i => new FileOperation($"d{i % 10}/e{i}/f{i}.txt", hashes[(i + shift) % 50]))];
        var first = await repo.CommitAsync(null, "1,000 files", Operations(0));
        Assert.Equal((1000, 1), (first.FileCount, first.Number));
        using var statements = new StatementCount();
        var watch = Stopwatch.StartNew();
        var second = await repo.CommitAsync(first.Id, "all of them again", Operations(1));
        output.WriteLine($"1,000 files in 1,000 folders changed in {watch.ElapsedMilliseconds} ms, {statements.Count} statements");
        Assert.InRange(statements.Count, 1, 60);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
        Assert.Equal(1000, second.FileCount);
        statements.Reset();
        var diff = await repo.Http.GetJsonAsync<DiffPage>($"{repo.Url}/diff?to=main");
        Assert.Equal(1000, diff.Items.Count);
        Assert.InRange(statements.Count, 1, 15);
        // One bad file of a thousand: nothing of it is there.
        await repo.TryCommitAsync(second.Id, "x", [.. Operations(2)[..999], new FileOperation("lost.txt", new string('0', 64))]).ShouldBeProblemAsync(422, "blob.missing");
        Assert.Equal(second.Id, (await repo.Http.GetJsonAsync<RevisionView>($"{repo.Url}/revisions/main")).Id);
    }

    private static Task<HttpResponseMessage> UndoAsync(Repo repo, UndoRevisionOf ask) => repo.Http.PostJsonAsync($"{repo.Url}/revisions/undo", ask);

    private static Task<HttpResponseMessage> SquashAsync(Repo repo, SquashHistory ask, string branch = "main") =>
        repo.Http.PostJsonAsync($"{repo.Url}/branches/{branch}/squash", ask);

    /// <summary>Statements that this process sends to the database, as Npgsql traces them. Other classes' tests run beside, so the trace's parent counts.</summary>
    private sealed class StatementCount : IDisposable
    {
        private readonly ActivityListener _listener;
        private readonly Activity _here = new Activity("statements").Start();
        private int _count;

        public StatementCount()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Npgsql",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = activity =>
                {
                    if (activity.TraceId == _here.TraceId) Interlocked.Increment(ref _count);
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public int Count => Volatile.Read(ref _count);

        public void Reset() => Interlocked.Exchange(ref _count, 0);

        public void Dispose()
        {
            _listener.Dispose();
            _here.Dispose();
        }
    }
}
