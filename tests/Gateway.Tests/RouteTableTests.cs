using System.Net;
using Xunit;

namespace ZooPlatform.Gateway.Tests;

public sealed class RouteTableTests(GatewayApp app) : IClassFixture<GatewayApp>
{
    [Theory]
    [InlineData("identity", "/api/v1/users/me")]
    [InlineData("identity", "/api/v1/users")]
    [InlineData("identity", "/api/v1/organisations/acme/members")]
    [InlineData("identity", "/api/v1/tokens")]
    [InlineData("identity", "/api/v1/clients")]
    [InlineData("identity", "/api/v1/audit")]
    [InlineData("identity", "/.well-known/openid-configuration")]
    [InlineData("identity", "/connect/authorize?client_id=zoo-cli")]
    [InlineData("identity", "/oauth/token")]
    [InlineData("identity", "/account/sign-in")]
    [InlineData("identity", "/account")]
    [InlineData("identity", "/account/x/resolve/main/y")]
    [InlineData("identity", "/api/whoami-v2")]
    [InlineData("artifact", "/api/v1/repositories/acme/x")]
    [InlineData("artifact", "/api/v1/blobs/0000")]
    [InlineData("artifact", "/api/v1/uploads")]
    [InlineData("artifact", "/api/v1/storage/acme")]
    [InlineData("artifact", "/api/repos/create")]
    [InlineData("artifact", "/api/models/acme/x")]
    [InlineData("artifact", "/api/models/acme/x/tree/refs%2Fpr%2F1/sub%2Fy")]
    [InlineData("artifact", "/api/datasets/acme/x/revision/main")]
    [InlineData("artifact", "/api/spaces/acme/x")]
    [InlineData("artifact", "/acme/x/resolve/main/model.onnx")]
    [InlineData("artifact", "/datasets/acme/x/resolve/main/a.csv")]
    [InlineData("artifact", "/spaces/acme/x/resolve/main/app.py")]
    [InlineData("artifact", "/acme/x/raw/main/README.md")]
    [InlineData("artifact", "/acme/x.git/info/refs?service=git-upload-pack")]
    [InlineData("artifact", "/acme/x.y.git/git-receive-pack")]
    [InlineData("artifact", "/datasets/acme/x.git/info/lfs/objects/batch")]
    [InlineData("artifact", "/acme/x.git/info/lfs/objects/batch")]
    [InlineData("artifact", "/acme/x/info/refs?service=git-upload-pack")]
    [InlineData("artifact", "/acme/x/git-upload-pack")]
    [InlineData("artifact", "/acme/x/git-receive-pack")]
    [InlineData("artifact", "/xet/v1/chunks/default/00")]
    [InlineData("artifact", "/v1/telemetry")]
    [InlineData("artifact", "/v2/acme/x/manifests/latest")]
    [InlineData("artifact", "/v2/acme/x/blobs/uploads/")]
    [InlineData("artifact", "/v2/acme/x/tags/list")]
    [InlineData("artifact", "/v2/acme/x/referrers/sha256:00")]
    [InlineData("artifact", "/api/agent-harnesses")]
    [InlineData("artifact", "/api/telemetry/x")]
    [InlineData("catalog", "/api/v1/models/acme/x")]
    [InlineData("catalog", "/api/v1/stubs/cv/classification/resnet")]
    [InlineData("catalog", "/api/v1/sources")]
    [InlineData("catalog", "/api/v1/lineage/x")]
    [InlineData("catalog", "/api/v1/taxonomy")]
    [InlineData("catalog", "/api/models?search=x")]
    [InlineData("catalog", "/api/datasets")]
    [InlineData("catalog", "/api/spaces")]
    [InlineData("catalog", "/api/models-tags-by-type")]
    [InlineData("catalog", "/api/datasets-tags-by-type")]
    [InlineData("catalog", "/api/validate-yaml")]
    [InlineData("catalog", "/compat/onnx-hub/manifest.json")]
    [InlineData("search", "/api/v1/search?q=x")]
    [InlineData("benchmark", "/api/v1/runs/1")]
    [InlineData("benchmark", "/api/v1/devices")]
    [InlineData("benchmark", "/api/v1/deployments")]
    [InlineData("benchmark", "/api/v1/reports")]
    [InlineData("benchmark", "/v2")]
    [InlineData("benchmark", "/v2/")]
    [InlineData("benchmark", "/v2/health/ready")]
    [InlineData("benchmark", "/v2/models/acme/x/infer")]
    [InlineData("benchmark", "/v2/models/acme/tags/infer")]
    [InlineData("benchmark", "/v2/repository/index")]
    [InlineData("benchmark", "/v2/repository/models/blobs/load")]
    [InlineData("benchmark", "/v2/whatever")]
    [InlineData("web", "/")]
    [InlineData("web", "/acme/x")]
    [InlineData("web", "/search?q=x")]
    [InlineData("web", "/ui/zoo.css")]
    public async Task Every_path_reaches_the_service_that_answers_it(string service, string path)
    {
        using var answer = await app.GetAsync(path);
        Assert.Equal(service, answer.Reached());
    }

    [Theory]
    [InlineData("/internal/changes")]
    [InlineData("/INTERNAL/owners/x")]
    [InlineData("/acme/../internal/changes")]
    [InlineData("/api/v1/unheard-of")]
    public async Task What_nobody_answers_is_a_problem_of_the_gateways_own(string path)
    {
        using var answer = await app.GetAsync(path);
        Assert.Null(answer.Reached());
        await answer.ShouldBeAsync(HttpStatusCode.NotFound, "application/problem+json", "urn:zoo:not-found");
    }

    [Theory]
    [InlineData("/api/models/acme/x/tree/refs%2Fpr%2F1/sub%2Fx")]
    [InlineData("/acme/x/resolve/main/a%252Fb%20%C3%A9.txt?download=true&x=%2B")]
    [InlineData("/acme/x/resolve/main/a+b!'()*,;=:@")]
    public async Task The_service_sees_the_target_byte_for_byte(string target)
    {
        using var answer = await app.GetAsync(target);
        Assert.Equal(target, answer.Saw("Target"));
    }

    [Fact]
    public async Task Posting_to_a_list_of_the_hub_is_not_the_catalogs_business()
    {
        using var answer = await app.SendAsync(HttpMethod.Post, "/api/models");
        Assert.Equal("artifact", answer.Reached());
    }

    [Fact]
    public async Task Health_is_that_of_every_service_and_only_administrators_see_which()
    {
        using var healthy = await app.GetAsync("/health");
        await healthy.ShouldBeAsync(HttpStatusCode.OK, "application/json; charset=utf-8", """{"status":"Healthy"}""");
        app["search"].Answer = context =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(true);
        };
        using var unhealthy = await app.GetAsync("/health");
        await unhealthy.ShouldBeAsync(HttpStatusCode.ServiceUnavailable, "application/json; charset=utf-8", """{"status":"Unhealthy"}""");
        using var person = await app.GetAsync("/health", ("Authorization", "Bearer good-person"));
        await person.ShouldBeAsync(HttpStatusCode.ServiceUnavailable, "application/json; charset=utf-8", """{"status":"Unhealthy"}""");
        using var administrator = await app.GetAsync("/health", ("Authorization", $"Bearer {GatewayApp.AdministratorToken}"));
        await administrator.ShouldBeAsync(HttpStatusCode.ServiceUnavailable, "application/json; charset=utf-8", "\"search\":{\"status\":\"Unhealthy\",\"detail\":\"It answers 503.\"");
        app["search"].Answer = _ => Task.FromResult(false);
    }
}
