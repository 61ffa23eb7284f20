using System.Diagnostics;
using System.Globalization;
using System.Text;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>A bare repository that git itself writes, from nothing but what the API tells.</summary>
internal sealed class GitRepository : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("zoo-test-git-");

    private GitRepository()
    {
    }

    public static async Task<GitRepository> CreateAsync()
    {
        var repository = new GitRepository();
        await repository.GitAsync("", "init", "--bare", "--quiet", "--initial-branch=main", ".");
        return repository;
    }

    /// <summary>Writes a revision with git's plumbing; the id git gives it.</summary>
    public async Task<string> WriteAsync(Repo repo, RevisionView revision, Guid author)
    {
        var index = new StringBuilder();
        foreach (var file in await repo.FilesAsync(revision.Id))
        {
            var content = file.Lfs
                ? $"version https://git-lfs.github.com/spec/v1\noid sha256:{file.Sha256}\nsize {file.SizeBytes}\n".Utf8()
                : await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{revision.Id}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}");
            var id = await GitAsync(content, "hash-object", "-w", "--stdin");
            index.Append(CultureInfo.InvariantCulture, $"{(file.Executable ? "100755" : "100644")} {id}\t{file.Path}\0");
        }
        await GitAsync("", "read-tree", "--empty");
        await GitAsync(index.ToString(), "update-index", "-z", "--index-info");
        var tree = await GitAsync("", "write-tree");
        var who = $"{revision.Author} <{author}@users.noreply.invalid> {revision.CreatedAt.ToUnixTimeSeconds()} +0000";
        var parent = revision.Parent is null ? "" : $"parent {revision.Parent}\n";
        var commit = await GitAsync($"tree {tree}\n{parent}author {who}\ncommitter {who}\n\n{revision.Message}\n", "hash-object", "-t", "commit", "-w", "--stdin");
        await GitAsync("", "update-ref", "refs/heads/main", commit);
        return commit;
    }

    public Task<string> GitAsync(string input, params string[] arguments) => GitAsync(input.Utf8(), arguments);

    private async Task<string> GitAsync(byte[] input, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = _folder.FullName, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var git = Process.Start(start)!;
        await git.StandardInput.BaseStream.WriteAsync(input);
        git.StandardInput.Close();
        var (output, error) = (await git.StandardOutput.ReadToEndAsync(), await git.StandardError.ReadToEndAsync());
        await git.WaitForExitAsync();
        Assert.True(git.ExitCode == 0, $"git {string.Join(' ', arguments)}: {output}{error}");
        return output.TrimEnd();
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
