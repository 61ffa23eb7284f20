using System.Text.Json;

namespace ZooPlatform.Tests.Whole.Permissions;

/// <summary>What a cell of the table asks, by whom, and whether they are to get it.</summary>
internal sealed record Scene(Stage Stage, Person Caller, string On, bool Allowed)
{
    public Kit Kit => Stage.Kits[On];
    public Kit Spare => Stage.Spares[On];
    public Person Owner => Stage.Owner;
    public int Number { get; } = Stage.Next();

    /// <summary>Something of its own for whoever may change it, so that no cell finds what another left.</summary>
    public async Task<Kit> OwnKitAsync() => Allowed ? await Stage.FreshAsync(On) : Spare;
}

/// <summary>Requests by service and route, as the permission table writes them.</summary>
internal sealed class RequestTable
{
    private readonly Dictionary<string, Func<Scene, Task<Ask>>> _all = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Func<Scene, Task<Ask>>> All => _all;

    public void Later(string name, Func<Scene, Task<Ask>> ask) => _all.Add(name, ask);

    public void Now(string name, Func<Scene, Ask> ask) => _all.Add(name, scene => Task.FromResult(ask(scene)));

    /// <summary>One that is the same for every cell.</summary>
    public void Plain(string service, HttpMethod method, string pattern, string? path = null) => Now($"{service} {method} {pattern}", _ => new Ask(method, path ?? pattern));
}

/// <summary>A valid request for each row of the table.</summary>
internal static class Requests
{
    private static readonly HttpMethod Get = HttpMethod.Get, Post = HttpMethod.Post, Put = HttpMethod.Put, Patch = HttpMethod.Patch,
        Delete = HttpMethod.Delete, Head = HttpMethod.Head, Options = HttpMethod.Options;

    private const string Repository = "/api/v1/repositories/{owner}/{name}";
    private const string Organisation = "/api/v1/organisations/{name}";
    private const string OAuthCode = "client_id=zoo-cli&response_type=code&scope=read&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback"
        + "&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&state=0123456789abcdef";

    /// <summary>By service and request, as the table writes them.</summary>
    public static IReadOnlyDictionary<string, Func<Scene, Task<Ask>>> All { get; } = Named().All;

    private static RequestTable Named()
    {
        var all = new RequestTable();
        void Later(string name, Func<Scene, Task<Ask>> ask) => all.Later(name, ask);
        void Now(string name, Func<Scene, Ask> ask) => all.Now(name, ask);
        void Plain(string service, HttpMethod method, string pattern, string? path = null) => all.Plain(service, method, pattern, path);

        // Artifact: repositories
        Now("artifact GET /api/v1/repositories", s => new Ask(Get, $"/api/v1/repositories?owner={s.Kit.Owner}") { Shows = s.Kit.Name });
        Now("artifact POST /api/v1/repositories", s => new Ask(Post, "/api/v1/repositories") { Json = Json(new { owner = s.Stage.Organisation, name = Cast.Fresh("new") }) });
        Now($"artifact GET {Repository}", s => Of(Get, s.Kit, ""));
        Now($"artifact PATCH {Repository}", s => Of(Patch, s.Kit, "") with { Json = Json(new { description = $"described {s.Number} times" }) });
        Now($"artifact PATCH {Repository} (visibility)", s => Of(Patch, s.Spare, "") with { Json = Json(new { visibility = s.On }) });
        Later($"artifact DELETE {Repository}", async s => Of(Delete, await s.OwnKitAsync(), ""));
        Later($"artifact POST {Repository}/move", async s => Of(Post, await s.OwnKitAsync(), "/move") with { Json = Json(new { name = Cast.Fresh("moved") }) });
        Later($"artifact POST {Repository}/move (owner)", async s =>
            Of(Post, await s.OwnKitAsync(), "/move") with { Json = Json(new { owner = s.Caller == s.Owner ? s.Owner.Name : s.Stage.Organisation + "x" }) });
        Now($"artifact GET {Repository}/grants", s => Of(Get, s.Kit, "/grants"));
        Now($"artifact PUT {Repository}/grants/{{user}}", s => Of(Put, s.Spare, $"/grants/{s.Stage.Bystander.Name}") with { Json = Json(new { role = "reader" }) });
        Now($"artifact DELETE {Repository}/grants/{{user}}", s => Of(Delete, s.Spare, $"/grants/{s.Stage.Bystander.Name}"));
        Now($"artifact POST {Repository}/blobs", s => Of(Post, s.Spare, "/blobs") with { Bytes = "2:hi,"u8.ToArray() });
        Now($"artifact POST {Repository}/blobs/missing", s => Of(Post, s.Spare, "/blobs/missing") with
        {
            Json = Json(new { blobs = new[] { new { sha256 = Kit.Hash(Bytes(s)), sizeBytes = Bytes(s).Length } } }),
        });
        Now($"artifact PUT {Repository}/blobs/{{sha256}}", s => Of(Put, s.Spare, $"/blobs/{Kit.Hash(Bytes(s))}") with { Bytes = Bytes(s) });
        Later($"artifact POST {Repository}/revisions", async s =>
        {
            var kit = await s.OwnKitAsync();
            var hash = s.Allowed ? await kit.BlobAsync(s.Caller, Bytes(s)) : Kit.Hash(Bytes(s));
            return Of(Post, kit, "/revisions") with { Json = Json(new { message = "first", operations = new[] { new { path = "a.txt", sha256 = hash } } }) };
        });
        Now($"artifact GET {Repository}/revisions", s => Of(Get, s.Kit, "/revisions"));
        Now($"artifact GET {Repository}/revisions/{{revision}}", s => Of(Get, s.Kit, $"/revisions/{s.Kit.Revision}"));
        Now($"artifact GET {Repository}/tree/{{revision}}", s => Of(Get, s.Kit, "/tree/main"));
        foreach (var method in new[] { Get, Head })
            Now($"artifact {method} {Repository}/files/{{revision}}/{{**path}}", s => Of(method, s.Kit, "/files/main/README.md"));
        Now($"artifact GET {Repository}/chunks/{{revision}}/{{**path}}", s => Of(Get, s.Kit, "/chunks/main/model.onnx"));
        Now($"artifact POST {Repository}/files/{{revision}}", s => Of(Post, s.Kit, "/files/main") with { Json = Json(new { paths = new[] { "README.md" } }) });
        Now($"artifact GET {Repository}/diff", s => Of(Get, s.Kit, "/diff"));
        Later($"artifact POST {Repository}/revisions/undo", async s =>
        {
            var kit = await s.OwnKitAsync();
            var head = s.Allowed ? await kit.PushAsync(s.Owner) : s.Kit.Revision;
            return Of(Post, kit, "/revisions/undo") with { Json = Json(new { revision = head, expectedParent = head }) };
        });
        Later($"artifact POST {Repository}/branches/{{reference}}/squash", async s =>
        {
            var kit = await s.OwnKitAsync();
            var head = s.Allowed ? await kit.PushAsync(s.Owner) : s.Kit.Revision;
            return Of(Post, kit, "/branches/main/squash") with { Json = Json(new { message = "one", expectedRevision = head }) };
        });
        foreach (var method in new[] { Get, Head })
        {
            Now($"artifact {method} {Repository}/archive/{{archive}}", s => Of(method, s.Kit, "/archive/main.zip"));
            Now($"artifact {method} {Repository}/archive/{{revision}}/model.onnx.tar.gz", s => Of(method, s.Kit, "/archive/main/model.onnx.tar.gz"));
        }
        foreach (var kind in new[] { "branches", "tags", "aliases" })
        {
            Now($"artifact GET {Repository}/{kind}", s => Of(Get, s.Kit, $"/{kind}"));
            Now($"artifact PUT {Repository}/{kind}/{{reference}}", s => Of(Put, s.Kit, $"/{kind}/made{s.Number}") with { Json = Json(new { revision = s.Kit.Revision }) });
            Later($"artifact DELETE {Repository}/{kind}/{{reference}}", async s =>
            {
                await s.Owner.JsonAsync(Put, $"{s.Kit.Api}/{kind}/gone{s.Number}", new { revision = s.Kit.Revision });
                return Of(Delete, s.Kit, $"/{kind}/gone{s.Number}");
            });
        }

        foreach (var below in new[] { "", "/history" })
            Later($"artifact GET {Repository}/aliases/{{reference}}{below}", async s =>
            {
                await s.Owner.JsonAsync(Put, $"{s.Kit.Api}/aliases/seen{s.Number}", new { revision = s.Kit.Revision });
                return Of(Get, s.Kit, $"/aliases/seen{s.Number}{below}");
            });
        // Artifact: git and OCI
        Now("artifact GET /{owner}/{name}/info/refs", s => new Ask(Get, $"/{s.Kit.FullName}.git/info/refs?service=git-upload-pack", s.Kit.Name));
        foreach (var service in new[] { "git-upload-pack", "git-receive-pack" })
            Now($"artifact POST /{{owner}}/{{name}}/{service}", s => new Ask(Post, $"/{s.Kit.FullName}.git/{service}", s.Kit.Name) { Bytes = "0000"u8.ToArray() });
        const string Oci = "/v2/{owner}/{name}";
        foreach (var method in new[] { Get, Head })
        {
            Now($"artifact {method} {Oci}/manifests/{{reference}}", s => new Ask(method, $"/v2/{s.Kit.FullName}/manifests/latest", s.Kit.Name));
            Now($"artifact {method} {Oci}/blobs/{{digest}}", s => new Ask(method, $"/v2/{s.Kit.FullName}/blobs/sha256:{Kit.ModelHash}", s.Kit.Name));
            Now($"artifact {method} {Oci}/{{kind}}/{{**rest}}", s => new Ask(method, $"/v2/{s.Kit.FullName}/tags/nothing", s.Kit.Name));
        }
        Now($"artifact GET {Oci}/tags/list", s => new Ask(Get, $"/v2/{s.Kit.FullName}/tags/list", s.Kit.Name));
        Now($"artifact GET {Oci}/referrers/{{digest}}", s => new Ask(Get, $"/v2/{s.Kit.FullName}/referrers/sha256:{Kit.ModelHash}", s.Kit.Name));
        foreach (var method in new[] { Post, Put, Patch, Delete })
            Now($"artifact {method} {Oci}/{{kind}}/{{**rest}}", s => new Ask(method, $"/v2/{s.Kit.FullName}/manifests/latest", s.Kit.Name));

        // Artifact: storage
        Now($"artifact GET {Repository}/storage", s => Of(Get, s.Kit, "/storage"));
        Now("artifact GET /api/v1/storage/{owner}", s => new Ask(Get, $"/api/v1/storage/{s.Stage.Organisation}"));
        Now("artifact PUT /api/v1/storage/{owner}/quota", s => new Ask(Put, $"/api/v1/storage/{s.Stage.Organisation}/quota") { Json = Json(new { limitBytes = 1_000_000_000_000 }) });
        Now("artifact POST /api/v1/storage/gc", s => new Ask(Post, "/api/v1/storage/gc") { Json = Json(new { dryRun = true }) });
        Later("artifact GET /api/v1/storage/gc/{id:guid}", async s => new Ask(Get,
            $"/api/v1/storage/gc/{(s.Allowed ? Id(await s.Caller.JsonAsync(Post, "/api/v1/storage/gc", new { dryRun = true })) : Guid.Empty.ToString())}"));

        // Artifact: uploads; each is its maker's alone
        Now("artifact POST /api/v1/uploads", s => new Ask(Post, "/api/v1/uploads", s.Spare.Name) { Json = Json(NewUpload(s, Bytes(s))) });
        foreach (var method in new[] { Get, Head, Delete })
            Later($"artifact {method} /api/v1/uploads/{{id:guid}}", async s => Upload(method, await UploadAsync(s, Bytes(s)), ""));
        Later("artifact PATCH /api/v1/uploads/{id:guid}", async s =>
            Upload(Patch, await UploadAsync(s, Bytes(s)), "") with { Bytes = Bytes(s), Header = ("Upload-Offset", "0") });
        Later("artifact PUT /api/v1/uploads/{id:guid}/parts/{offset:long}", async s => Upload(Put, await UploadAsync(s, Bytes(s)), "/parts/0") with { Bytes = Bytes(s) });
        Later("artifact POST /api/v1/uploads/{id:guid}/chunks/{offset:long}", async s => Upload(Post, await UploadAsync(s, Bytes(s)), "/chunks/0") with { Bytes = [] });
        Later("artifact POST /api/v1/uploads/{id:guid}/complete", async s => Upload(Post, await UploadAsync(s, []), "/complete"));

        // Artifact and Catalog: Xet, the hub, Git LFS
        HubRequests.AddTo(all);
        Plain("artifact", HttpMethod.Parse("ANY"), "/api/v1/{**rest}", "/api/v1/repositories/a/b/c/d");

        // Catalog and Search
        Now("catalog GET /api/v1/models", s => new Ask(Get, $"/api/v1/models?owner={s.Kit.Owner}&limit=100") { Shows = s.Kit.Name });
        Now("catalog GET /api/v1/models/{owner}/{name}", s => new Ask(Get, $"/api/v1/models/{s.Kit.FullName}", s.Kit.Name));
        Now("catalog GET /api/v1/stubs/{**stub}", s => new Ask(Get, $"/api/v1/stubs/{s.Kit.Stub}", s.Kit.Name));
        Plain("catalog", Get, "/api/v1/lineage");
        Now("catalog GET /api/v1/lineage/{owner}/{name}", s => new Ask(Get, $"/api/v1/lineage/{s.Kit.FullName}", s.Kit.Name));
        Plain("catalog", Get, "/api/v1/taxonomy");
        Now("search GET /api/v1/search", s => new Ask(Get, $"/api/v1/search?q={s.Kit.Name}") { Shows = $"\"name\":\"{s.Kit.Name}\"" });
        Now("search GET /api/v1/search (facets)", s => new Ask(Get, $"/api/v1/search?q={s.Kit.Name}&pageSize=1") { Shows = $"\"{s.Kit.Owner}\":1" });
        foreach (var method in new[] { Get, Post }) Plain("search", method, "/api/v1/search/reindex");

        // Benchmark
        Plain("benchmark", Get, "/api/v1/devices");
        Now("benchmark GET /api/v1/runs", s => new Ask(Get, "/api/v1/runs?limit=100") { Shows = s.Kit.Run });
        Now("benchmark GET /api/v1/runs (?repository=)", s => new Ask(Get, $"/api/v1/runs?repository={s.Kit.FullName}", s.Kit.Name));
        Now("benchmark POST /api/v1/runs", s => new Ask(Post, "/api/v1/runs", s.Kit.Name) { Json = Json(NewRun(s)) });
        Now("benchmark GET /api/v1/runs/{id:guid}", s => new Ask(Get, $"/api/v1/runs/{s.Kit.Run}", s.Kit.Run));
        Now("benchmark GET /api/v1/runs/{id:guid}/samples", s => new Ask(Get, $"/api/v1/runs/{s.Kit.Run}/samples", s.Kit.Run));
        Later("benchmark POST /api/v1/runs/{id:guid}/cancel", async s =>
        {
            var run = s.Allowed ? (await s.Owner.JsonAsync(Post, "/api/v1/runs", NewRun(s))).GetProperty("id").GetString()! : s.Kit.Run;
            return new Ask(Post, $"/api/v1/runs/{run}/cancel", run);
        });
        Now("benchmark GET /api/v1/deployments", s => new Ask(Get, "/api/v1/deployments") { Shows = s.Kit.Deployment });
        Now("benchmark POST /api/v1/deployments", s => new Ask(Post, "/api/v1/deployments", s.Kit.Name) { Json = Json(new { repository = s.Kit.FullName }) });
        Now("benchmark DELETE /api/v1/deployments/{id:guid}", s => new Ask(Delete, $"/api/v1/deployments/{s.Kit.Deployment}", s.Kit.Deployment));
        Now("benchmark GET /v2/models/{**rest} (ready)", s => new Ask(Get, $"/v2/models/{s.Kit.FullName}/ready", s.Kit.Name));
        foreach (var method in new[] { Get, Head }) Now($"benchmark {method} /v2/models/{{**rest}}", s => new Ask(method, $"/v2/models/{s.Kit.FullName}", s.Kit.Name));
        Now("benchmark POST /v2/models/{**rest}", s => new Ask(Post, $"/v2/models/{s.Kit.FullName}/infer", s.Kit.Name) { Json = Kit.Inference });
        Now("benchmark POST /v2/repository/index", s => new Ask(Post, "/v2/repository/index") { Shows = $"\"{s.Kit.FullName}\"" });
        Now("benchmark POST /v2/repository/models/{**rest}", s => new Ask(Post, $"/v2/repository/models/{s.Kit.FullName}/load", s.Kit.Name));
        Now("benchmark POST /v2/repository/models/{**rest} (unload)", s => new Ask(Post, $"/v2/repository/models/{s.Kit.FullName}/unload", s.Kit.Name));
        foreach (var method in new[] { Put, Patch, Delete, Options }) Plain("benchmark", method, "/v2/models/{**rest}", "/v2/models/a/b");
        foreach (var path in new[] { "/v2", "/v2/health/live", "/v2/health/ready" })
            foreach (var method in new[] { Get, Head, Post, Put, Patch, Delete, Options }) Plain("benchmark", method, path);
        foreach (var (pattern, path) in new[] { ("/v2/repository/index", "/v2/repository/index"), ("/v2/repository/models/{**rest}", "/v2/repository/models/a/b/load") })
            foreach (var method in new[] { Get, Head, Put, Patch, Delete, Options }) Plain("benchmark", method, pattern, path);
        Plain("benchmark", HttpMethod.Parse("ANY"), "/v2/{**rest}", "/v2/nothing");

        // Web
        Now("web GET /", s => new Ask(Get, $"/?q={s.Kit.Name}") { Shows = $"/{s.Kit.FullName}" });
        Now("web GET /{Owner}/{Name}", s => new Ask(Get, $"/{s.Kit.FullName}", s.Kit.Name));
        Now("web GET /{Name}", s => new Ask(Get, $"/{s.Kit.Owner}") { Shows = $"/{s.Kit.FullName}" });
        Now("web GET /{Owner}/{Name}/notebook/{*Path}", s => new Ask(Get, $"/{s.Kit.FullName}/notebook/look.ipynb", s.Kit.Name));
        Plain("web", Get, "/docs/api");
        Plain("web", Get, "/{*Path}", "/nothing/here/at/all");
        foreach (var (pattern, path) in new[]
        {
            ("/", "/"), ("/{Owner}/{Name}", "/a/b"), ("/{Name}", "/a"), ("/{Owner}/{Name}/notebook/{*Path}", "/a/b/notebook/c"), ("/docs/api", "/docs/api"), ("/{*Path}", "/a/b/c"),
        }) Plain("web", Post, pattern, path);
        foreach (var method in new[] { Get, Head }) Plain("web", method, "/{asset}", "/icon.svg");
        Plain("web", Get, "/_framework/opaque-redirect");

        // Identity: people, organisations, tokens, clients
        Plain("identity", Get, "/api/v1/users/me");
        Now("identity GET /api/v1/users/{name}", s => new Ask(Get, $"/api/v1/users/{s.Stage.Bystander.Name}"));
        Plain("identity", Get, "/api/v1/users");
        Now("identity PATCH /api/v1/users/{name}", s => new Ask(Patch, $"/api/v1/users/{s.Stage.Bystander.Name}") { Json = Json(new { isGuest = false }) });
        Plain("identity", Get, "/api/whoami-v2");
        Now("identity POST /api/v1/organisations", s => new Ask(Post, "/api/v1/organisations") { Json = Json(new { name = Cast.Fresh("made") }) });
        Plain("identity", Get, "/api/v1/organisations");
        Now($"identity GET {Organisation}", s => OfOrganisation(Get, s, ""));
        Later($"identity DELETE {Organisation}", async s => new Ask(Delete, $"/api/v1/organisations/{(s.Allowed ? await Cast.OrganisationAsync(s.Caller) : s.Stage.Organisation)}"));
        Now($"identity GET {Organisation}/members", s => OfOrganisation(Get, s, "/members"));
        Now($"identity PUT {Organisation}/members/{{user}}", s => OfOrganisation(Put, s, $"/members/{s.Stage.Bystander.Name}") with { Json = Json(new { role = "reader" }) });
        Later($"identity DELETE {Organisation}/members/{{user}}", async s =>
        {
            var member = s.Allowed ? await Cast.JoinAsync(s.Stage.Running, s.Owner, s.Stage.Organisation, "reader", "leaver") : s.Stage.Bystander;
            return OfOrganisation(Delete, s, $"/members/{member.Name}");
        });
        Now($"identity POST {Organisation}/invitations", s => OfOrganisation(Post, s, "/invitations") with { Json = Json(new { email = "x@example.org", role = "reader" }) });
        Now($"identity GET {Organisation}/invitations", s => OfOrganisation(Get, s, "/invitations"));
        Later($"identity DELETE {Organisation}/invitations/{{id:guid}}", async s => OfOrganisation(Delete, s, $"/invitations/{Id(
            await s.Owner.JsonAsync(Post, $"/api/v1/organisations/{s.Stage.Organisation}/invitations", new { email = "y@example.org", role = "reader" }))}"));
        Accounts();
        Now("identity POST /api/v1/tokens", s => new Ask(Post, "/api/v1/tokens") { Json = Json(new { name = "x" }) });
        Plain("identity", Get, "/api/v1/tokens");
        Later("identity DELETE /api/v1/tokens/{id:guid}", async s =>
            new Ask(Delete, $"/api/v1/tokens/{Id(await (s.Allowed ? s.Caller : s.Owner).JsonAsync(Post, "/api/v1/tokens", new { name = "y" }))}"));
        var client = new { name = "an application", redirectUris = new[] { "https://app.example/back" }, scopes = new[] { "read" } };
        var proven = new { name = "an application", redirectUris = new[] { "https://app.example/back" }, scopes = new[] { "read" }, confidential = true };
        Now("identity POST /api/v1/clients", s => new Ask(Post, "/api/v1/clients") { Json = Json(client) });
        Plain("identity", Get, "/api/v1/clients");
        Later("identity DELETE /api/v1/clients/{id}", async s =>
            new Ask(Delete, $"/api/v1/clients/{(s.Allowed ? Id(await s.Caller.JsonAsync(Post, "/api/v1/clients", client)) : "zoo-cli")}"));
        Later("identity POST /api/v1/clients/{id}/secrets", async s => new Ask(Post, $"/api/v1/clients/{(s.Allowed ? Id(await s.Caller.JsonAsync(Post, "/api/v1/clients", proven)) : "zoo-cli")}/secrets"));
        Later("identity DELETE /api/v1/clients/{id}/secrets/{secret:guid}", async s =>
        {
            if (!s.Allowed) return new Ask(Delete, $"/api/v1/clients/zoo-cli/secrets/{Guid.Empty}");
            var id = Id(await s.Caller.JsonAsync(Post, "/api/v1/clients", proven));
            return new Ask(Delete, $"/api/v1/clients/{id}/secrets/{Id(await s.Caller.JsonAsync(Post, $"/api/v1/clients/{id}/secrets", null))}");
        });
        Plain("identity", Get, "/api/v1/users/me/grants");
        Plain("identity", Delete, "/api/v1/users/me/grants/{id:guid}", $"/api/v1/users/me/grants/{Guid.Empty}");
        Plain("identity", Get, "/api/v1/audit");

        // Identity: signing in
        foreach (var page in new[] { "openid-configuration", "oauth-authorization-server", "jwks.json", "oauth-protected-resource" })
            Plain("identity", Get, $"/.well-known/{page}");
        foreach (var prefix in new[] { "/connect", "/oauth" })
        {
            Plain("identity", Get, $"{prefix}/authorize", $"{prefix}/authorize?{OAuthCode}");
            Form($"{prefix}/authorize", OAuthCode);
            Form($"{prefix}/token", "grant_type=authorization_code&client_id=zoo-cli&code=never-issued&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback"
                + "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
            Form($"{prefix}/revocation", "client_id=zoo-cli&token=never-issued");
            Plain("identity", Get, $"{prefix}/userinfo");
            Form($"{prefix}/userinfo", "");
            Form($"{prefix}/device", "client_id=zoo-cli&scope=read");
            Form($"{prefix}/introspection", "client_id=zoo-cli&token=never-issued");
            Plain("identity", Get, $"{prefix}/logout");
            Form($"{prefix}/logout", "");
        }
        foreach (var page in new[] { "/account", "/account/invitation", "/account/one-time", "/account/sign-in", "/account/sign-out", "/account/device", "/connect/consent" })
            Plain("identity", HttpMethod.Parse("ANY"), page);
        Plain("identity", Get, "/account/style.css");

        // The gateway, and what it never routes
        foreach (var (pattern, path) in new[] { ("/health", "/health"), ("/alive", "/alive"), ("/internal/{**rest}", "/internal/x"), ("/api/v1/{**rest}", "/api/v1/x") })
            Plain("gateway", HttpMethod.Parse("ANY"), pattern, path);
        foreach (var path in new[] { "/health", "/alive" }) Plain("every", HttpMethod.Parse("ANY"), path);
        Plain("gateway", Get, "/openapi/v1.json");
        foreach (var path in new[] { "/internal/routes", "/internal/changes" }) Plain("every", Get, path);
        foreach (var service in ServiceRoutes.Services.Except(["gateway"])) Plain(service, Get, "/internal/openapi.json");
        foreach (var path in new[] { "/internal/tokens/swap", "/internal/tokens/client", "/internal/callers" }) Plain("identity", Post, path);
        Plain("identity", Get, "/internal/owners/{id:guid}", $"/internal/owners/{Guid.Empty}");
        Now("identity GET /internal/owners/by-name/{name}", s => new Ask(Get, $"/internal/owners/by-name/{s.Stage.Organisation}"));
        Plain("catalog", Get, "/internal/models/{id:guid}/revisions/{revision}/files", $"/internal/models/{Guid.Empty}/revisions/main/files");
        const string inside = "/internal/repositories/{id:guid}/revisions/{revision}";
        Plain("artifact", Get, inside, $"/internal/repositories/{Guid.Empty}/revisions/main");
        Plain("artifact", Get, $"{inside}/tree", $"/internal/repositories/{Guid.Empty}/revisions/main/tree");
        foreach (var method in new[] { Get, Head })
            Plain("artifact", method, $"{inside}/files/{{**path}}", $"/internal/repositories/{Guid.Empty}/revisions/main/files/README.md");
        return all;

        // Service accounts: each cell has one of its own, or asks for the stage's.
        void Accounts()
        {
            const string accounts = Organisation + "/service-accounts";
            Now($"identity POST {accounts}", s => OfOrganisation(Post, s, "/service-accounts") with { Json = Json(new { name = $"made{s.Number}", role = "reader" }) });
            Now($"identity GET {accounts}", s => OfOrganisation(Get, s, "/service-accounts"));
            Later($"identity GET {accounts}/{{account}}", async s => OfOrganisation(Get, s, await AccountAsync(s)));
            Later($"identity PUT {accounts}/{{account}}", async s => OfOrganisation(Put, s, await AccountAsync(s)) with { Json = Json(new { role = "maintainer" }) });
            Later($"identity DELETE {accounts}/{{account}}", async s => OfOrganisation(Delete, s, await AccountAsync(s)));
            Later($"identity POST {accounts}/{{account}}/tokens", async s =>
                OfOrganisation(Post, s, $"{await AccountAsync(s)}/tokens") with { Json = Json(new { name = "x", scopes = new[] { "read" } }) });
            Later($"identity GET {accounts}/{{account}}/tokens", async s => OfOrganisation(Get, s, $"{await AccountAsync(s)}/tokens"));
            Later($"identity DELETE {accounts}/{{account}}/tokens/{{id:guid}}", async s => await OfAccountAsync(s, "tokens", new { name = "y", scopes = new[] { "read" } }));
            Later($"identity POST {accounts}/{{account}}/secrets", async s => OfOrganisation(Post, s, $"{await AccountAsync(s)}/secrets"));
            Later($"identity DELETE {accounts}/{{account}}/secrets/{{id:guid}}", async s => await OfAccountAsync(s, "secrets", null));
        }

        void Form(string path, string form) => Now($"identity POST {path}", _ => new Ask(Post, path) { Form = form });
    }

    private static Ask Of(HttpMethod method, Kit kit, string below) => new(method, kit.Api + below, kit.Name);

    private static Ask OfOrganisation(HttpMethod method, Scene scene, string below) => new(method, $"/api/v1/organisations/{scene.Stage.Organisation}{below}");

    private static Ask Upload(HttpMethod method, string id, string below) => new(method, $"/api/v1/uploads/{id}{below}", id);

    /// <summary>An upload of the caller's, where they may make one; else somebody else's.</summary>
    private static async Task<string> UploadAsync(Scene scene, byte[] bytes) =>
        Id(await (scene.Allowed ? scene.Caller : scene.Owner).JsonAsync(Post, "/api/v1/uploads", NewUpload(scene, bytes)));

    private static object NewUpload(Scene scene, byte[] bytes) => new { repository = scene.Spare.FullName, sha256 = Kit.Hash(bytes), sizeBytes = bytes.Length };

    /// <summary>The path below the organisation of a service account.</summary>
    private static async Task<string> AccountAsync(Scene scene)
    {
        if (!scene.Allowed) return "/service-accounts/robot";
        await scene.Owner.JsonAsync(Post, $"/api/v1/organisations/{scene.Stage.Organisation}/service-accounts", new { name = $"own{scene.Number}", role = "reader" });
        return $"/service-accounts/own{scene.Number}";
    }

    /// <summary>Asks to take away a token or secret of a service account, which is there.</summary>
    private static async Task<Ask> OfAccountAsync(Scene scene, string what, object? body)
    {
        var account = scene.Allowed ? await AccountAsync(scene) : "/service-accounts/robot";
        var id = scene.Allowed ? Id(await scene.Owner.JsonAsync(Post, $"/api/v1/organisations/{scene.Stage.Organisation}{account}/{what}", body)) : Guid.Empty.ToString();
        return OfOrganisation(Delete, scene, $"{account}/{what}/{id}");
    }

    /// <summary>Waits behind the long run that the test began.</summary>
    private static object NewRun(Scene scene) => new { repository = scene.Kit.FullName, settings = new { warmUp = 0, iterations = 1 } };

    /// <summary>Bytes of this cell alone.</summary>
    private static byte[] Bytes(Scene scene) => System.Text.Encoding.UTF8.GetBytes($"bytes of {scene.Stage.Organisation} {scene.Number}");

    private static string Id(JsonElement made) => made.GetProperty("id").GetString()!;

    private static string Json(object value) => JsonSerializer.Serialize(value);
}
