using System.Text.Json;

namespace ZooPlatform.Tests.Whole.Permissions;

/// <summary>A valid request for each row of foreign protocols that write: Xet, the hub, Git LFS.</summary>
internal static class HubRequests
{
    private static readonly HttpMethod Get = HttpMethod.Get, Post = HttpMethod.Post, Put = HttpMethod.Put, Delete = HttpMethod.Delete, Head = HttpMethod.Head;

    public static void AddTo(RequestTable table)
    {
        // Artifact: Xet
        foreach (var right in new[] { "read", "write" })
            table.Now($"artifact GET /api/models/{{owner}}/{{name}}/xet-{right}-token/{{**revision}}", s => new Ask(Get, $"/api/models/{s.Kit.FullName}/xet-{right}-token/main", s.Kit.Name));
        var hash = new string('a', 64);
        table.Plain("artifact", Post, "/xet/v1/xorbs/default/{hash}", $"/xet/v1/xorbs/default/{hash}");
        foreach (var version in new[] { 1, 2 })
        {
            table.Plain("artifact", Post, $"/xet/v{version}/shards");
            table.Plain("artifact", Get, $"/xet/v{version}/reconstructions/{{hash}}", $"/xet/v{version}/reconstructions/{hash}");
        }
        foreach (var prefix in new[] { "default", "default-merkledb" }) table.Plain("artifact", Get, $"/xet/v1/chunks/{prefix}/{{hash}}", $"/xet/v1/chunks/{prefix}/{hash}");
        table.Plain("artifact", Get, "/xet/v1/xorbs/default/{hash}", $"/xet/v1/xorbs/default/{hash}");
        table.Plain("artifact", HttpMethod.Parse("ANY"), "/xet/{**rest}", "/xet/x");
        table.Plain("artifact", HttpMethod.Parse("ANY"), "/api/{**rest}", "/api/agent-harnesses");

        // Artifact and Catalog: the hub
        const string hub = "/api/models/{owner}/{name}";
        table.Now($"artifact GET {hub}", s => OfHub(Get, s.Kit, ""));
        foreach (var (below, path) in new[] { ("/revision/{**rest}", "/revision/main"), ("/tree/{**rest}", "/tree/main?recursive=true"), ("/refs", "/refs"), ("/commits/{**rest}", "/commits/main"), ("/auth-check", "/auth-check"), ("/auth-check/write", "/auth-check/write") })
            table.Now($"artifact GET {hub}{below}", s => OfHub(Get, s.Kit, path));
        table.Now($"artifact POST {hub}/paths-info/{{**rest}}", s => OfHub(Post, s.Kit, "/paths-info/main") with { Json = Json(new { paths = new[] { "README.md" } }) });
        foreach (var word in new[] { "resolve", "raw" })
            foreach (var method in new[] { Get, Head }) table.Now($"artifact {method} /{{owner}}/{{name}}/{word}/{{**rest}}", s => new Ask(method, $"/{s.Kit.FullName}/{word}/main/README.md", s.Kit.Name));
        table.Now($"artifact POST {hub}/preupload/{{**rest}}", s => OfHub(Post, s.Kit, "/preupload/main") with { Json = Json(new { files = new[] { new { path = "a.txt", size = 1, sample = "QQ==" } } }) });
        table.Later($"artifact POST {hub}/commit/{{**rest}}", async s => OfHub(Post, await s.OwnKitAsync(), "/commit/main") with
        {
            Json = $"{Json(new { key = "header", value = new { summary = "first" } })}\n{Json(new { key = "file", value = new { path = "a.txt", content = "QQ==", encoding = "base64" } })}",
        });
        table.Now($"artifact POST {hub}/branch/{{**rest}}", s => OfHub(Post, s.Kit, $"/branch/hub{s.Number}") with { Json = "{}" });
        table.Later($"artifact POST {hub}/super-squash/{{**rest}}", async s =>
        {
            var kit = await s.OwnKitAsync();
            if (s.Allowed) await kit.PushAsync(s.Owner);
            return OfHub(Post, kit, "/super-squash/main") with { Json = Json(new { message = "one" }) };
        });
        table.Now($"artifact POST {hub}/tag/{{**rest}}", s => OfHub(Post, s.Kit, "/tag/main") with { Json = Json(new { tag = $"hubtag{s.Number}" }) });
        foreach (var (kind, word) in new[] { ("branches", "branch"), ("tags", "tag") })
            table.Later($"artifact DELETE {hub}/{word}/{{**rest}}", async s =>
            {
                await s.Owner.JsonAsync(Put, $"{s.Kit.Api}/{kind}/hubgone{s.Number}", new { revision = s.Kit.Revision });
                return OfHub(Delete, s.Kit, $"/{word}/hubgone{s.Number}");
            });
        table.Now($"artifact PUT {hub}/settings", s => OfHub(Put, s.Spare, "/settings") with { Json = Json(new { visibility = s.On }) });
        table.Now("artifact POST /api/repos/create", s => new Ask(Post, "/api/repos/create") { Json = Json(new { name = Cast.Fresh("hub"), organization = s.Stage.Organisation, type = "model" }) });
        table.Later("artifact DELETE /api/repos/delete", async s =>
        {
            var kit = await s.OwnKitAsync();
            return new Ask(Delete, "/api/repos/delete", kit.Name) { Json = Json(new { name = kit.Name, organization = kit.Owner, type = "model" }) };
        });
        table.Later("artifact POST /api/repos/move", async s =>
        {
            var kit = await s.OwnKitAsync();
            return new Ask(Post, "/api/repos/move", kit.Name) { Json = Json(new { fromRepo = kit.FullName, toRepo = $"{kit.Owner}/{Cast.Fresh("moved")}", type = "model" }) };
        });
        table.Plain("artifact", HttpMethod.Parse("ANY"), "/api/models/{name}", "/api/models/gpt2");
        foreach (var kind in new[] { "datasets", "spaces" })
        {
            table.Plain("artifact", HttpMethod.Parse("ANY"), $"/api/{kind}/{{**rest}}", $"/api/{kind}/a/b");
            foreach (var word in new[] { "resolve", "raw" }) table.Plain("artifact", HttpMethod.Parse("ANY"), $"/{kind}/{{owner}}/{{name}}/{word}/{{**rest}}", $"/{kind}/a/b/{word}/main/c");
            table.Plain("catalog", Get, $"/api/{kind}");
        }
        table.Now("catalog GET /api/models", s => new Ask(Get, $"/api/models?search={s.Kit.Name}") { Shows = s.Kit.Name });
        table.Now("catalog POST /api/validate-yaml", _ => new Ask(Post, "/api/validate-yaml") { Json = Json(new { content = "---\nlicense: mit\n---\n", repoType = "model" }) });

        // Artifact: Git LFS
        const string lfs = "/{owner}/{name}.git/info/lfs";
        table.Now($"artifact POST {lfs}/objects/batch", s => OfLfs(Post, s.Kit, "/objects/batch") with { Json = Json(Batch("download")) });
        table.Now($"artifact POST {lfs}/objects/batch (upload)", s => OfLfs(Post, s.Kit, "/objects/batch") with { Json = Json(Batch("upload")) });
        table.Now($"artifact POST {lfs}/verify", s => OfLfs(Post, s.Kit, "/verify") with { Json = Json(Model) });
        foreach (var method in new[] { Get, Head, Put }) table.Plain("artifact", method, $"{lfs}/objects/{{oid}}", $"/a/b.git/info/lfs/objects/{new string('0', 64)}");
        table.Plain("artifact", Put, $"{lfs}/objects/{{oid}}/parts/{{upload:guid}}/{{offset:long}}", $"/a/b.git/info/lfs/objects/{new string('0', 64)}/parts/{Guid.Empty}/1");
        table.Plain("artifact", Post, $"{lfs}/objects/{{oid}}/parts/{{upload:guid}}", $"/a/b.git/info/lfs/objects/{new string('0', 64)}/parts/{Guid.Empty}");
        table.Plain("artifact", HttpMethod.Parse("ANY"), $"{lfs}/locks/{{**rest}}", "/a/b.git/info/lfs/locks");
        foreach (var kind in new[] { "datasets", "spaces" }) table.Plain("artifact", HttpMethod.Parse("ANY"), $"/{kind}{lfs}/{{**rest}}", $"/{kind}/a/b.git/info/lfs/x");
    }

    private static Ask OfHub(HttpMethod method, Kit kit, string below) => new(method, $"/api/models/{kit.FullName}{below}", kit.Name);

    private static Ask OfLfs(HttpMethod method, Kit kit, string below) => new(method, $"/{kit.FullName}.git/info/lfs{below}", kit.Name);

    /// <summary>Asks about an object that is in every kit.</summary>
    private static object Batch(string operation) => new { operation, objects = new[] { Model } };

    private static object Model => new { oid = Kit.Hash(Kit.Model), size = Kit.Model.Length };

    private static string Json(object value) => JsonSerializer.Serialize(value);
}
