using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole.Permissions;

/// <summary>A repository to ask for. Its name is a word that nothing else in the zoo has; its stub holds the name.</summary>
internal sealed record Kit(string Owner, string Name, string Visibility)
{
    public static byte[] Model { get; } = File.ReadAllBytes(Path.Combine(SharedFolder.Repository, "samples", "digits-cnn", "model.onnx"));

    private static readonly byte[] s_notebook = """
        {"cells": [{"cell_type": "markdown", "metadata": {}, "source": "words"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        """u8.ToArray();

    public static string ModelHash { get; } = Hash(Model);
    public string FullName => $"{Owner}/{Name}";
    public string Api => $"/api/v1/repositories/{FullName}";
    public string Stub => $"cv/classification/digitscnn/onnx/{Name}/digits/base-none";
    public string Revision { get; init; } = "0000000000000000000000000000000000000000";

    /// <summary>A run that succeeded.</summary>
    public string Run { get; init; } = "";
    public string Deployment { get; init; } = "";

    public static string Inference { get; } = JsonSerializer.Serialize(new
    {
        inputs = new[] { new { name = "image", shape = new[] { 1, 1, 8, 8 }, datatype = "FP32", data = new float[64] } },
    });

    public static async Task<Kit> EmptyAsync(Person owner, string organisation, string visibility)
    {
        var kit = new Kit(organisation, Cast.Fresh("kit"), visibility);
        await owner.JsonAsync(HttpMethod.Post, "/api/v1/repositories", new { owner = organisation, name = kit.Name, visibility });
        return kit;
    }

    /// <summary>A kit with a model, inspected, found by search, measured and deployed.</summary>
    public static async Task<Kit> ServedAsync(Person owner, string organisation, string visibility)
    {
        var kit = await EmptyAsync(owner, organisation, visibility);
        kit = kit with { Revision = await kit.PushAsync(owner) };
        await Files.EventuallyAsync(TimeSpan.FromSeconds(60), async () =>
        {
            var found = await owner.JsonAsync(HttpMethod.Get, $"/api/v1/search?q={kit.Name}");
            Assert.Equal(1, found.GetProperty("total").GetInt32());
            var model = await owner.JsonAsync(HttpMethod.Get, $"/api/v1/models/{kit.FullName}");
            Assert.Equal(kit.Revision, model.GetProperty("revision").GetString());
        });
        var deployment = await Eventually(() => owner.JsonAsync(HttpMethod.Post, "/api/v1/deployments", new { repository = kit.FullName }));
        // The zoo's own default run would take its 20 s: a shorter one does here.
        var runs = await owner.JsonAsync(HttpMethod.Get, $"/api/v1/runs?repository={kit.FullName}");
        foreach (var begun in runs.GetProperty("items").EnumerateArray())
            await owner.Http.PostAsync($"/api/v1/runs/{begun.GetProperty("id").GetString()}/cancel", null);
        var run = await owner.JsonAsync(HttpMethod.Post, "/api/v1/runs", new { repository = kit.FullName, settings = new { warmUp = 0, iterations = 1 } });
        kit = kit with { Deployment = deployment.GetProperty("id").GetString()!, Run = run.GetProperty("id").GetString()! };
        await Files.EventuallyAsync(TimeSpan.FromSeconds(60), async () =>
            Assert.Equal("succeeded", (await owner.JsonAsync(HttpMethod.Get, $"/api/v1/runs/{kit.Run}")).GetProperty("status").GetString()));
        return kit;
    }

    /// <summary>Pushes card and model; the revision.</summary>
    public async Task<string> PushAsync(Person owner)
    {
        var card = Encoding.UTF8.GetBytes($"---\nlicense: mit\nlibrary_name: onnx\nzoo:\n  stub: {Stub}\n  domain: cv\n---\n# The {Name} model\n");
        await BlobAsync(owner, card);
        await BlobAsync(owner, s_notebook);
        await BlobAsync(owner, Model);
        var made = await owner.JsonAsync(HttpMethod.Post, $"{Api}/revisions", new
        {
            message = "first",
            operations = new[] { new { path = "README.md", sha256 = Hash(card) }, new { path = "model.onnx", sha256 = Hash(Model) }, new { path = "look.ipynb", sha256 = Hash(s_notebook) } },
        });
        return made.GetProperty("id").GetString()!;
    }

    public async Task<string> BlobAsync(Person sender, byte[] bytes)
    {
        using var answer = await sender.Http.PutAsync($"{Api}/blobs/{Hash(bytes)}", new ByteArrayContent(bytes));
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return Hash(bytes);
    }

    public static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <remarks>The two facts that a deployment needs come by two feeds.</remarks>
    private static async Task<JsonElement> Eventually(Func<Task<JsonElement>> ask)
    {
        JsonElement answer = default;
        await Files.EventuallyAsync(TimeSpan.FromSeconds(30), async () => answer = await ask());
        return answer;
    }
}
