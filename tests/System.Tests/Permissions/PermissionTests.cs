using System.Net;
using Xunit;

namespace ZooPlatform.Tests.Whole.Permissions;

/// <summary>Drives permissions.md against the running platform.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class PermissionTests(RunningZoo running)
{
    [Fact]
    public async Task Every_route_has_a_row_and_every_row_a_route()
    {
        var routes = await ServiceRoutes.ReadAsync(running);
        var rows = PermissionTable.Rows.Select(row => row.Route).ToHashSet(StringComparer.Ordinal);
        Assert.True(routes.SetEquals(rows),
            $"Routes without a row in permissions.md:\n{Lines(routes.Except(rows))}\nRows without a route:\n{Lines(rows.Except(routes))}");
    }

    [Fact]
    public async Task Every_cell_is_as_the_table_says()
    {
        var stage = await Stage.OnAsync(running);
        var wrong = new List<string>();
        foreach (var request in PermissionTable.Rows.GroupBy(row => $"{row.Service} {row.Request}"))
        {
            if (request.Key.Contains("POST /api/v1/runs", StringComparison.Ordinal)) await KeepBusyAsync(stage);
            var cells = request.SelectMany(row => row.Expected.Select(cell => (row.On, Caller: cell.Key, Expected: cell.Value)));
            var found = await Task.WhenAll(cells.Select(cell => CheckAsync(stage, request.Key, cell.On, cell.Caller, cell.Expected)));
            wrong.AddRange(found.OfType<string>());
        }
        await CancelRunsAsync(stage);
        Assert.True(wrong.Count == 0, $"{wrong.Count} cells differ from permissions.md:\n{Lines(wrong)}");
    }

    [Fact]
    public async Task What_is_hidden_answers_as_what_never_existed_to_every_method_and_any_body()
    {
        var stage = await Stage.OnAsync(running);
        var kit = stage.Kits["private"];
        string[] paths =
        [
            kit.Api, $"{kit.Api}/grants", $"{kit.Api}/grants/{stage.Bystander.Name}", $"{kit.Api}/blobs/missing", $"{kit.Api}/blobs/{new string('0', 64)}",
            $"{kit.Api}/revisions", $"{kit.Api}/revisions/main", $"{kit.Api}/tree/main", $"{kit.Api}/files/main/README.md", $"{kit.Api}/branches/main", $"{kit.Api}/tags/x",
            $"/api/v1/models/{kit.FullName}", $"/api/v1/stubs/{kit.Stub}", $"/api/v1/runs?repository={kit.FullName}",
            $"/v2/models/{kit.FullName}", $"/v2/models/{kit.FullName}/infer", $"/v2/models/{kit.FullName}/versions/1/ready", $"/{kit.FullName}", $"/{kit.FullName}/resolve/main/README.md",
            $"/{kit.FullName}.git/info/refs?service=git-upload-pack", $"/api/models/{kit.FullName}", $"/v2/{kit.FullName}/manifests/latest",
        ];
        string[] methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        var differing = new List<string>();
        foreach (var path in paths)
        {
            var asked = from caller in new[] { "anonymous", "outsider", "administrator" } from method in methods select (caller, method);
            var answers = await Task.WhenAll(asked.Select(async one =>
            {
                var ask = new Ask(HttpMethod.Parse(one.method), path, kit.Name) { Json = one.method is "POST" or "PUT" or "PATCH" ? "{ not JSON" : null };
                var (answer, missing) = (await ask.SendAsync(stage.Callers[one.caller]), await ask.SendForMissingAsync(stage.Callers[one.caller]));
                if ((int)answer.Status is >= 200 and < 300 && path.Contains(kit.Api, StringComparison.Ordinal)) return $"{ask} by {one.caller} answered {answer}";
                return answer == missing ? null : $"{ask} by {one.caller} answered {answer}, not {missing}\n    {answer.Headers.ReplaceLineEndings("; ")}\n    {missing.Headers.ReplaceLineEndings("; ")}";
            }));
            differing.AddRange(answers.OfType<string>());
        }
        Assert.True(differing.Count == 0, Lines(differing));
    }

    [Theory]
    [InlineData("PATCH", "")]
    [InlineData("PUT", "/grants/somebody")]
    [InlineData("PUT", "/branches/x")]
    [InlineData("POST", "/blobs/missing")]
    [InlineData("POST", "/revisions")]
    public async Task A_bad_body_is_looked_at_only_by_those_who_may_send_one(string method, string below)
    {
        var stage = await Stage.OnAsync(running);
        var kit = stage.Kits["private"];
        foreach (var (caller, status) in new[] { ("anonymous", 401), ("outsider", 404), ("reader", 403), ("owner", 400) })
        {
            var answer = await new Ask(HttpMethod.Parse(method), kit.Api + below) { Json = "{ not JSON" }.SendAsync(stage.Callers[caller]);
            Assert.True((int)answer.Status == status, $"{method} {below} by {caller}: {answer}");
        }
    }

    [Fact]
    public async Task What_a_policy_refuses_of_inference_is_an_error_as_its_clients_read_it()
    {
        var stage = await Stage.OnAsync(running);
        var (inferOnly, _) = await stage.Owner.WithTokenAsync(running, "infer");
        using var refused = await inferOnly.Http.GetAsync($"/v2/models/{stage.Kits["public"].FullName}");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("application/json", refused.Content.Headers.ContentType?.ToString());
        Assert.StartsWith("{\"error\":\"", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_itself_takes_nobody_without_an_internal_token()
    {
        var some = new Dictionary<string, string>
        {
            ["identity"] = "/api/v1/users/me", ["artifact"] = "/api/v1/repositories", ["catalog"] = "/api/v1/models", ["search"] = "/api/v1/search",
            ["benchmark"] = "/api/v1/runs", ["web"] = "/",
        };
        foreach (var service in ServiceRoutes.Services.Except(["gateway"]))
        {
            using var client = ServiceRoutes.ClientOf(running, service);
            await ShouldRefuseAsync();
            client.DefaultRequestHeaders.Authorization = new("Bearer", running.AdminToken);
            await ShouldRefuseAsync();

            async Task ShouldRefuseAsync()
            {
                using var anything = await client.GetAsync(some[service]);
                Assert.True(anything.StatusCode == HttpStatusCode.Unauthorized, $"{service} {some[service]}: {anything.StatusCode}");
                using var routes = await client.GetAsync("/internal/routes");
                Assert.Equal(HttpStatusCode.NotFound, routes.StatusCode);
            }
        }
    }

    /// <returns>What is wrong; null: nothing.</returns>
    private static async Task<string?> CheckAsync(Stage stage, string request, string on, string callerName, string expected)
    {
        var caller = stage.Callers[callerName];
        var ask = await Requests.All[request](new Scene(stage, caller, on, Allowed: expected.StartsWith('2')));
        if (ask.Method.Method == "ANY") ask = ask with { Method = HttpMethod.Get };
        var answer = await ask.SendAsync(caller);
        var fault = expected switch
        {
            "hidden" or "hidden401" => await ask.SendForMissingAsync(caller) is var missing && missing == answer
                && answer.Status == (expected == "hidden" ? HttpStatusCode.NotFound : HttpStatusCode.Unauthorized) ? null
                : $"not as for what never existed:\n    {missing}\n    {missing.Headers.ReplaceLineEndings("; ")}\n    {answer.Headers.ReplaceLineEndings("; ")}",
            "shown" => answer.Status == HttpStatusCode.OK && answer.Body.Contains(ask.Shows, StringComparison.Ordinal) ? null : "not shown",
            "absent" => answer.Status == HttpStatusCode.OK && !answer.Body.Contains(ask.Shows, StringComparison.Ordinal) ? null : "not absent",
            _ => ((int)answer.Status).ToString() == expected ? null : $"not {expected}",
        };
        return fault is null ? null : $"{request}, {on}, {callerName}: {ask} answered {answer}; {fault}";
    }

    /// <summary>Runs that the cells queue wait behind this one, so that they can be cancelled.</summary>
    private static Task KeepBusyAsync(Stage stage) => stage.Owner.JsonAsync(HttpMethod.Post, "/api/v1/runs",
        new { repository = stage.Kits["public"].FullName, settings = new { iterations = 100_000, maxSeconds = 600 } });

    /// <summary>What the cells left in the queue would keep other tests' runs waiting.</summary>
    private static async Task CancelRunsAsync(Stage stage)
    {
        foreach (var kit in stage.Kits.Values)
        {
            var runs = await stage.Owner.JsonAsync(HttpMethod.Get, $"/api/v1/runs?limit=100&repository={kit.FullName}");
            foreach (var run in runs.GetProperty("items").EnumerateArray().Where(run => run.GetProperty("status").GetString() is "queued" or "running"))
                await new Ask(HttpMethod.Post, $"/api/v1/runs/{run.GetProperty("id").GetString()}/cancel").SendAsync(stage.Owner);   // or it has just ended
        }
    }

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines.Order(StringComparer.Ordinal).Select(line => $"  {line}"));
}
