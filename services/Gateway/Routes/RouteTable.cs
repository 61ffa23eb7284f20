using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Gateway.Routes;

/// <summary>Who answers which path. The one place that says so; docs/design.md shows the same table.</summary>
internal static class RouteTable
{
    public static IReadOnlyList<ZooRoute> All { get; } =
    [
        // Identity: accounts, organisations, tokens, sign-in
        .. To("identity", "/api/v1/users", "/api/v1/organisations", "/api/v1/tokens", "/api/v1/clients", "/api/v1/audit"),
        .. To("identity", "/.well-known"),
        .. To("identity", "/connect", "/oauth").Select(route => route with { Errors = ErrorShape.OAuth, Credentials = Credentials.CallersOwn, Cookies = Cookies.All }),
        .. To("identity", "/account").Select(route => route with { Errors = ErrorShape.Page, Cookies = Cookies.All }),
        new("identity", "/api/whoami-v2") { Errors = ErrorShape.Hub },

        // Artifact: content, whatever the protocol; it also says 501 to what is left of the hub's API
        .. To("artifact", "/api/v1/repositories", "/api/v1/blobs", "/api/v1/uploads").Select(AnySize),
        .. To("artifact", "/api/v1/storage"),
        .. To("artifact", "/api/repos", "/api/models/{owner}", "/api/datasets/{owner}", "/api/spaces/{owner}", "/api").Select(Hub),
        .. To("artifact", "/{owner}/{name}/resolve", "/datasets/{owner}/{name}/resolve", "/spaces/{owner}/{name}/resolve").Select(Hub),
        .. To("artifact", "/{owner}/{name}/raw", "/datasets/{owner}/{name}/raw", "/spaces/{owner}/{name}/raw").Select(Hub),
        .. To("artifact", "/xet").Select(Xet),
        Xet(new("artifact", "/v1/telemetry")),
        .. To("artifact", "/{owner}/{name}.git", "/datasets/{owner}/{name}.git", "/spaces/{owner}/{name}.git").Select(Git),
        .. To("artifact", "/{owner}/{name}.git/info/lfs", "/datasets/{owner}/{name}.git/info/lfs", "/spaces/{owner}/{name}.git/info/lfs").Select(Lfs),
        Git(new("artifact", "/{owner}/{name}/info/refs")),
        Git(new("artifact", "/{owner}/{name}/git-upload-pack")),
        Git(new("artifact", "/{owner}/{name}/git-receive-pack")),
        .. To("artifact", "/v2/{owner}/{name}/manifests", "/v2/{owner}/{name}/blobs", "/v2/{owner}/{name}/tags", "/v2/{owner}/{name}/referrers").Select(Oci),

        // Catalog: what is known of models
        .. To("catalog", "/api/v1/models", "/api/v1/stubs", "/api/v1/sources", "/api/v1/lineage", "/api/v1/taxonomy"),
        .. Each("/api/models", "/api/datasets", "/api/spaces").Select(path =>
            new ZooRoute("catalog", path) { Methods = [HttpMethods.Get, HttpMethods.Head], Errors = ErrorShape.Hub }),
        new("catalog", "/api/{kind}-tags-by-type") { Errors = ErrorShape.Hub },
        new("catalog", "/api/validate-yaml") { Errors = ErrorShape.Hub },
        .. To("catalog", "/compat/onnx-hub"),

        // Search
        .. To("search", "/api/v1/search"),

        // Benchmark: runs, and the Open Inference Protocol; the first words are reserved, so that no owner has them
        .. To("benchmark", "/api/v1/runs", "/api/v1/devices", "/api/v1/deployments", "/api/v1/reports"),
        .. To("benchmark", "/v2", "/v2/models", "/v2/repository", "/v2/health").Select(Inference),

        // Web: the pages, and whatever nobody else answers
        new("web", "/{**rest}") { Errors = ErrorShape.Page, Cookies = Cookies.ButSession },
    ];

    public static IReadOnlyDictionary<string, ZooRoute> ById { get; } = All.ToDictionary(route => route.Id, StringComparer.Ordinal);

    /// <summary>The path itself and everything below it.</summary>
    private static IEnumerable<ZooRoute> To(string service, params string[] paths) => paths.Select(path => new ZooRoute(service, $"{path}/{{**rest}}"));

    private static string[] Each(params string[] paths) => paths;

    private static ZooRoute AnySize(ZooRoute route) => route with { MaxBodyBytes = null };

    private static ZooRoute Hub(ZooRoute route) => route with { Errors = ErrorShape.Hub, MaxBodyBytes = null };

    private static ZooRoute Xet(ZooRoute route) => Hub(route) with { Credentials = Credentials.Capability };

    private static ZooRoute Git(ZooRoute route) => route with { Errors = ErrorShape.Git, MaxBodyBytes = null, TakesBasic = true };

    private static ZooRoute Lfs(ZooRoute route) => route with { Errors = ErrorShape.GitLfs, MaxBodyBytes = null, TakesBasic = true };

    private static ZooRoute Oci(ZooRoute route) => route with { Errors = ErrorShape.Oci, MaxBodyBytes = null, TakesBasic = true };

    private static ZooRoute Inference(ZooRoute route) => route with { Errors = ErrorShape.OpenInference, MaxBodyBytes = null, TakesBasic = true };
}
