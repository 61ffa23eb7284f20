using System.Text;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Revisions;

public sealed class GitTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task Git_gives_every_revision_tree_and_file_the_same_id()
    {
        var (owner, repo) = await app.ARepositoryAsync();
        using var git = await GitRepository.CreateAsync();
        byte[] weights = UploadTests.RandomBytes(20_000), longText = Encoding.UTF8.GetBytes(new string('x', 1_100_000));

        var first = await repo.PushAsync(null,
            ("README.md", "# A kit\n".Utf8()), ("model.onnx", weights), ("scripts/train.py", "print()\n".Utf8()), ("scripts.txt", "x".Utf8()),
            ("scripts-old/a", "".Utf8()), ("deep/er/und/ü/日本.txt", "ok".Utf8()), ("tokenizer.json", longText), ("config.json", "{}".Utf8()));
        Assert.Equal(first.Id, await git.WriteAsync(repo, first, owner.Id));

        var script = await repo.PutBlobAsync("#!/bin/sh\n".Utf8());
        var second = await repo.CommitAsync(first.Id, "Zweite: \"Änderung\"\n\nmit zwei Absätzen",
            new FileOperation("run", script, Executable: true), new FileOperation("scripts-old/a"), new FileOperation("sub dir/new weights.bin", await repo.PutBlobAsync(weights)));
        Assert.Equal(second.Id, await git.WriteAsync(repo, second, owner.Id));

        Assert.Equal("", await git.GitAsync("", "fsck", "--strict", "--no-dangling"));
        Assert.Equal(second.Id, await git.GitAsync("", "rev-parse", "main"));
        Assert.Equal(first.Id, await git.GitAsync("", "rev-parse", "main~1"));
        Assert.Equal(second.Tree, await git.GitAsync("", "rev-parse", "main^{tree}"));
        var listed = (await git.GitAsync("", "ls-tree", "-r", "-z", "main")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(listed, (await repo.FilesAsync("main")).Select(file => $"{(file.Executable ? "100755" : "100644")} blob {file.GitId}\t{file.Path}"));
    }

    [Fact]
    public async Task Git_agrees_which_files_LFS_keeps()
    {
        var (owner, repo) = await app.ARepositoryAsync();
        using var git = await GitRepository.CreateAsync();
        var weights = UploadTests.RandomBytes(2000);
        var first = await repo.PushAsync(null, ("a.npy", weights), ("vocab.txt", "plain".Utf8()), ("odd [1] name*", weights), ("notes.onnx", "text".Utf8()));
        var second = await repo.PushAsync(first.Id, ("sub/b.onnx", weights), ("pointer.txt", $"version https://git-lfs.github.com/spec/v1\noid sha256:{new string('a', 64)}\nsize 3\n".Utf8()));
        await git.WriteAsync(repo, second, owner.Id);
        foreach (var file in await repo.FilesAsync(second.Id))
        {
            var said = await git.GitAsync(file.Path + "\0", "-c", "core.bare=false", "-c", "core.worktree=.", "check-attr", "-z", "--cached", "--stdin", "filter");
            Assert.Equal(file.Lfs ? "lfs" : "unspecified", said.Split('\0')[2]);
        }
        var lfs = (await repo.FilesAsync(second.Id)).Where(file => file.Lfs).Select(file => file.Path);
        Assert.Equal(["a.npy", "notes.onnx", "odd [1] name*", "pointer.txt", "sub/b.onnx"], lfs);
    }

    [Fact]
    public async Task A_kit_with_its_own_gitattributes_keeps_its_lines()
    {
        var (owner, repo) = await app.ARepositoryAsync();
        using var git = await GitRepository.CreateAsync();
        var revision = await repo.PushAsync(null, (".gitattributes", "*.dat filter=lfs diff=lfs merge=lfs -text\n*.md text".Utf8()),
            ("small.dat", "text, but named by a line".Utf8()), ("w.bin", UploadTests.RandomBytes(100)));
        await git.WriteAsync(repo, revision, owner.Id);
        Assert.True((await repo.FilesAsync(revision.Id)).Single(file => file.Path == "small.dat").Lfs);
        Assert.Equal("*.dat filter=lfs diff=lfs merge=lfs -text\n*.md text\n*.bin filter=lfs diff=lfs merge=lfs -text\n",
            await repo.Http.GetStringAsync($"{repo.Url}/files/main/.gitattributes"));
        Assert.Equal("", await git.GitAsync("", "fsck", "--strict", "--no-dangling"));
    }

    [Fact]
    public async Task Attributes_that_git_would_refuse_are_refused()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var sha256 = await repo.PutBlobAsync($"*.x {new string('y', 3000)}".Utf8());
        await repo.TryCommitAsync(null, "x", new FileOperation(".gitattributes", sha256)).ShouldBeProblemAsync(422, "path.invalid");
        sha256 = await repo.PutBlobAsync(UploadTests.RandomBytes(100));
        await repo.TryCommitAsync(null, "x", new FileOperation("sub/.gitattributes", sha256)).ShouldBeProblemAsync(422, "path.invalid");
    }
}
