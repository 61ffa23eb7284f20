using System.Diagnostics;
using System.Text.Json;
using Xunit;
using ZooPlatform.Tests.Whole.Permissions;

namespace ZooPlatform.Tests.Whole;

/// <summary>Programs of others, through the gateway, with a token of the zoo where they ask for a password.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class ClientTests(RunningZoo running)
{
    [Fact]
    public async Task Skopeo_copies_a_public_model_without_and_a_private_one_with_a_token()
    {
        var owner = Cast.Administrator(running);
        var organisation = await Cast.OrganisationAsync(owner);
        foreach (var (visibility, credential) in new[] { ("public", "--no-creds"), ("private", $"--creds=me:{owner.Token}") })
        {
            var kit = await Kit.EmptyAsync(owner, organisation, visibility);
            var revision = await kit.PushAsync(owner);
            var image = $"docker://{new Uri(running.Url).Authority}/{kit.FullName.ToLowerInvariant()}";
            var folder = running.NewFolder("oci");

            var raw = await RunAsync("skopeo", "inspect", "--raw", "--tls-verify=false", credential, image);
            Assert.Equal(revision, JsonDocument.Parse(raw).RootElement.GetProperty("annotations").GetProperty("org.opencontainers.image.revision").GetString());
            Assert.Contains("main", await RunAsync("skopeo", "list-tags", "--tls-verify=false", credential, image), StringComparison.Ordinal);
            await RunAsync("skopeo", "copy", "-q", "--src-tls-verify=false", credential.Replace("--", "--src-", StringComparison.Ordinal), $"{image}:main", $"dir:{folder}");

            using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "manifest.json")));
            Assert.Equal(raw, await File.ReadAllTextAsync(Path.Combine(folder, "manifest.json")));
            foreach (var layer in manifest.RootElement.GetProperty("layers").EnumerateArray())
            {
                var hash = layer.GetProperty("digest").GetString()!["sha256:".Length..];
                Assert.Equal(hash, Kit.Hash(await File.ReadAllBytesAsync(Path.Combine(folder, hash))));
            }
            Assert.True(File.Exists(Path.Combine(folder, Kit.ModelHash)));

            // After a move the old name leads on, with the credential.
            await owner.JsonAsync(HttpMethod.Post, $"{kit.Api}/move", new { name = Cast.Fresh("moved") });
            Assert.Equal(raw, await RunAsync("skopeo", "inspect", "--raw", "--tls-verify=false", credential, image));
            await RunAsync("skopeo", "copy", "-q", "--src-tls-verify=false", credential.Replace("--", "--src-", StringComparison.Ordinal), $"{image}:main", $"dir:{folder}-moved");
            Assert.Equal(Kit.ModelHash, Kit.Hash(await File.ReadAllBytesAsync(Path.Combine(folder + "-moved", Kit.ModelHash))));
        }
        var hidden = await Kit.EmptyAsync(owner, organisation, "private");
        var (code, _, error) = await TryAsync("skopeo", "inspect", "--raw", "--tls-verify=false", "--no-creds", $"docker://{new Uri(running.Url).Authority}/{hidden.FullName}");
        Assert.True(code != 0 && error.Contains("unauthorized", StringComparison.OrdinalIgnoreCase), error);
    }

    [Fact]
    public async Task Git_clones_and_pulls_with_a_token_as_password()
    {
        var owner = Cast.Administrator(running);
        var kit = await Kit.EmptyAsync(owner, await Cast.OrganisationAsync(owner), "private");
        var revision = await kit.PushAsync(owner);
        var url = $"{running.Url}/{kit.FullName}.git";
        var withToken = new UriBuilder(url) { UserName = "me", Password = owner.Token! }.Uri.AbsoluteUri;
        var folder = Path.Combine(running.NewFolder("git"), "kit");

        var (code, _, error) = await TryAsync("git", "clone", "-q", url, folder);
        Assert.True(code != 0 && error.Contains("could not read Username", StringComparison.Ordinal), error);   // it was asked for one
        await RunAsync("git", "clone", "-q", withToken, folder);
        Assert.Equal(revision, (await RunAsync("git", "-C", folder, "rev-parse", "HEAD")).Trim());
        Assert.Equal("", await RunAsync("git", "-C", folder, "fsck", "--strict", "--full"));

        var next = await owner.JsonAsync(HttpMethod.Post, $"{kit.Api}/revisions", new
        {
            message = "more", expectedParent = revision, operations = new[] { new { path = "more.txt", sha256 = await kit.BlobAsync(owner, "more"u8.ToArray()) } },
        });
        await RunAsync("git", "-C", folder, "pull", "-q");
        Assert.Equal(next.GetProperty("id").GetString(), (await RunAsync("git", "-C", folder, "rev-parse", "HEAD")).Trim());
        Assert.Equal("more", await File.ReadAllTextAsync(Path.Combine(folder, "more.txt")));
        // With git-lfs it is a working tree: the weights themselves. By the old name too, when there is a new one.
        Assert.Equal(Kit.ModelHash, await CloneWithLfsAsync(withToken));
        (code, _, error) = await TryAsync("git", "-C", folder, "push", "origin", "HEAD~1:refs/heads/mine");
        Assert.True(code != 0 && error.Contains("'zoo push'", StringComparison.Ordinal), error);
        await owner.JsonAsync(HttpMethod.Post, $"{kit.Api}/move", new { name = Cast.Fresh("moved") });
        Assert.Equal(Kit.ModelHash, await CloneWithLfsAsync(withToken));
    }

    /// <summary>What the model's file is then.</summary>
    private async Task<string> CloneWithLfsAsync(string url)
    {
        var whole = Path.Combine(running.NewFolder("git-lfs"), "kit");
        await RunAsync("git", "-c", "filter.lfs.process=git-lfs filter-process", "-c", "filter.lfs.smudge=git-lfs smudge -- %f", "-c", "filter.lfs.clean=git-lfs clean -- %f",
            "-c", "filter.lfs.required=true", "-c", "lfs.skipdownloaderrors=false", "clone", "-q", url, whole);
        return Kit.Hash(await File.ReadAllBytesAsync(Path.Combine(whole, "model.onnx")));
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (code, output, error) = await TryAsync(program, arguments);
        Assert.True(code == 0, $"{program} {arguments[0]}: {code}\n{output}{error}");
        return output;
    }

    private static async Task<(int Code, string Output, string Error)> TryAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
