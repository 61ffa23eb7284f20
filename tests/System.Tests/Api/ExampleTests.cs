using System.Net;
using System.Text.Json;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole.Api;

/// <summary>Every operation's example of <c>/openapi/v1.json</c>, sent to a running zoo in the order of a story.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class ExampleTests(RunningZoo running)
{
    /// <summary>An administrator looks around, founds an organisation, invites, publishes, measures, serves, and cleans up.</summary>
    private static readonly string[] s_story =
    [
        "GetMe", "ListGrantsOfMine", "RevokeGrantOfMine", "GetUser", "ListUsers", "ListAudit", "GetOpenIdConfiguration", "GetKeys", "GetProtectedResource",
        "ListModels", "GetModel", "ListBases", "GetFamily", "ResolveStub", "GetTaxonomy", "SearchModels", "GetReindex", "Reindex", "ListDevices",
        "ListRepositories", "GetRepository", "ListRevisions", "GetRevision", "ListTree", "GetFile", "GetFileChunks", "GetArchive", "GetModelArchive", "GetFiles", "ListBranches", "ListTags",
        "CreateToken", "ListTokens", "RevokeToken", "CreateClient", "ListClients", "CreateClientSecret", "DeleteClientSecret", "DeleteClient",
        "CreateOrganisation", "GetOrganisation", "ListOrganisations", "CreateInvitation", "ListInvitations", "RevokeInvitation",
        "(somebody joins)", "ListMembers", "SetMember", "UpdateUser",
        "CreateServiceAccount", "ListServiceAccounts", "GetServiceAccount", "SetServiceAccount",
        "CreateServiceAccountSecret", "DeleteServiceAccountSecret",
        "CreateServiceAccountToken", "ListServiceAccountTokens", "RevokeServiceAccountToken", "DeleteServiceAccount",
        "CreateRepository", "UpdateRepository", "SetGrant", "ListGrants", "RemoveGrant",
        "FindMissingBlobs", "StoreBlob", "StoreBlobs", "CreateUpload", "GetUpload", "GetUploadOffset", "CopyKnownChunks", "StoreUploadPart", "AppendUpload", "CompleteUpload", "CreateUpload", "DeleteUpload",
        "CreateRevision", "SetBranch", "SetTag", "SetAlias", "ListAliases", "GetAlias", "ListAliasMoves", "DeleteBranch", "DeleteTag", "DeleteAlias",
        "GetRepositoryStorage", "GetOwnerStorage", "SetQuota", "SweepStorage", "GetSweep", "CompareRevisions", "UndoRevision", "SquashBranch", "MoveRepository", "DeleteRepository", "RemoveMember", "DeleteOrganisation",
        "CreateRun", "CreateRun", "CancelRun", "CreateRun", "ListRuns", "GetRun", "(the run ends)", "GetRunSamples",
        "GetServer", "GetServerLive", "GetServerReady", "CreateDeployment", "ListDeployments", "GetServedModel", "GetServedModelReady", "Infer", "DeleteDeployment",
    ];

    private readonly Dictionary<string, JsonElement> _answers = [];
    private string? _joined;

    [Fact]
    public async Task Every_example_is_answered_as_the_document_says()
    {
        using var http = running.Http(running.AdminToken);
        var document = await ApiDocument.OfAsync(http);
        Assert.Equal([], document.Operations.Select(operation => operation.Id).Except(s_story));
        Assert.Equal([], s_story.Where(step => step[0] != '(').Except(document.Operations.Select(operation => operation.Id)));
        var byId = document.Operations.ToDictionary(operation => operation.Id);

        var failures = new List<string>();
        foreach (var step in s_story)
        {
            try
            {
                if (step == "(somebody joins)") _joined = await JoinAsync();
                else if (step == "(the run ends)") await RunEndsAsync(http, byId["GetRun"]);
                else await SendAsync(http, document, byId[step]);
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException or KeyNotFoundException)
            {
                failures.Add($"{step}: {e.Message}");   // the others are told too
            }
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    /// <summary>The example is answered well; before that, the same with an unknown field is refused.</summary>
    private async Task SendAsync(HttpClient http, ApiDocument document, ApiOperation operation)
    {
        var known = KnownTo(operation);
        if (operation.IsOurs && operation.Body?.TryGetProperty("application/json", out _) == true)
        {
            using var unknown = await http.SendAsync(operation.Example(known, extra: "colour"));
            var refusal = await unknown.Content.ReadAsStringAsync();
            Assert.True(unknown.StatusCode == HttpStatusCode.BadRequest && refusal.Contains("urn:zoo:request.invalid") && refusal.Contains("colour"),
                $"{operation.Id} with an unknown field: {unknown.StatusCode} {refusal}");
            Assert.Equal([], await document.ErrorsAsync(operation, unknown));
        }
        // Right after the start a model may still be under inspection.
        await Files.EventuallyAsync(TimeSpan.FromSeconds(10), async () =>
        {
            using var answer = await http.SendAsync(operation.Example(known));
            var body = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{operation.Id}: {answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri} {answer.StatusCode} {body}");
            var errors = await document.ErrorsAsync(operation, answer);
            Assert.True(errors.Count == 0, $"{operation.Id}: {string.Join("; ", errors)} in {body}");
            Assert.Matches("^[0-9a-f]{32}$", Assert.Single(answer.Headers.GetValues("X-Request-Id")));
            if (body.StartsWith('{')) _answers[operation.Id] = JsonDocument.Parse(body).RootElement.Clone();
        });
    }

    private Dictionary<string, string> KnownTo(ApiOperation operation)
    {
        var known = new Dictionary<string, string>();
        if (operation.Json.TryGetProperty("x-example-from", out var from))
            foreach (var part in from.EnumerateObject())
            {
                var source = part.Value.GetString()!.Split('.');
                known[part.Name] = _answers[source[0]].GetProperty(source[1]).ToString();
            }
        if (operation.Id is "SetMember" or "RemoveMember" or "SetGrant" or "RemoveGrant") known["user"] = _joined!;
        if (operation.Id == "UpdateUser") known["name"] = _joined!;
        return known;
    }

    private async Task<string> JoinAsync()
    {
        var token = await People.JoinAsync(running, "ada", "example-lab");
        using var http = running.Http(token);
        return JsonDocument.Parse(await http.GetStringAsync("/api/v1/users/me")).RootElement.GetProperty("name").GetString()!;
    }

    private async Task RunEndsAsync(HttpClient http, ApiOperation get) => await Files.EventuallyAsync(TimeSpan.FromSeconds(60), async () =>
    {
        using var answer = await http.SendAsync(get.Example(KnownTo(get)));
        Assert.Contains("\"status\":\"succeeded\"", await answer.Content.ReadAsStringAsync());
    });
}
