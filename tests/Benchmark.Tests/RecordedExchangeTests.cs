using System.Text.Json;
using System.Text.RegularExpressions;
using ZooPlatform.Formats.Tensors;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Benchmark.Tests;

/// <summary>What real clients, and a script that tried everything, sent to real servers, sent to this one.</summary>
[Collection(OneBenchmark.Name)]
public sealed partial class RecordedExchangeTests(BenchmarkApp app)
{
    /// <summary>Sent, but not held to the words beside them; why.</summary>
    private static readonly Dictionary<string, string> s_otherwise = new(StringComparer.Ordinal)
    {
        ["meta/infer_after_unload"] = "unloaded models are loaded again by the next inference: there is no state 'unloaded' that stays",
        ["client/base_path"] = "a base path is the gateway's matter; here it is no path of the protocol",
        ["client/base_path_slash"] = "as base_path",
        ["client/base_path_infer"] = "as base_path",
        ["client/name acme/iris config"] = "Triton's configuration of a model is not served: 404",
        ["client/name multi_io/versions/3"] = "the client sends the input of another model: 400",
    };

    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    [CorpusFact]
    public async Task Every_recorded_request_is_answered_rightly()
    {
        var exchanges = RecordedExchanges.Read();
        Assert.InRange(exchanges.Count, 300, 1043);
        var wrong = new List<string>();
        // A model after the other, so that each is loaded once or twice; within a model in the order of the recording.
        foreach (var group in exchanges.GroupBy(ModelOf))
        {
            if (group.Key is not null)
            {
                await LoadAsync(group.Key);
            }

            foreach (var exchange in group)
            {
                if (await ProblemOfAsync(exchange) is { } problem)
                {
                    wrong.Add($"{exchange}: expected {exchange.Expect}; {problem}");
                }
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {exchanges.Count}:\n{string.Join('\n', wrong)}");
    }

    private async Task<string?> ProblemOfAsync(RecordedExchange exchange)
    {
        var isUnload = exchange.Target.Contains("/repository/", StringComparison.Ordinal) || exchange.Scenario is "ready_after_unload" or "infer_after_unload";
        if (ModelOf(exchange) is { } model && !isUnload && _names.ContainsKey(model))
        {
            await LoadAsync(model);
        }

        var answer = await RawHttp.SendAsync(app.Ada.BaseAddress!, TargetHere(exchange), HeadersHere(exchange), exchange.Body);
        if (s_otherwise.ContainsKey($"{exchange.Group}/{exchange.Scenario}"))
        {
            return null;
        }

        if (!StatusesHere(exchange).Contains(answer.Status))
        {
            return $"found {answer.Status} {answer.Text}";
        }

        if (answer.Status >= 400)
        {
            return exchange.Line.StartsWith("HEAD", StringComparison.Ordinal) ? null : ProblemOfError(exchange, answer);
        }

        if (exchange.Expect.StartsWith("100 then", StringComparison.Ordinal) && !answer.Interim.SequenceEqual([100]))
        {
            return "found no 100 before it";
        }

        return exchange.Target.Contains("/infer", StringComparison.Ordinal) && exchange.Line.StartsWith("POST", StringComparison.Ordinal)
            ? ProblemOfOutputs(exchange, answer)
            : ProblemOfMetadata(exchange, answer);
    }

    private static string? ProblemOfError(RecordedExchange exchange, RawAnswer answer)
    {
        if (answer.Headers.GetValueOrDefault("Content-Type") != "application/json")
        {
            return $"found Content-Type {answer.Headers.GetValueOrDefault("Content-Type")}: {answer.Text}";
        }

        var allow = Regex.Match(exchange.Expect, "Allow: (?<methods>[A-Z, ]+)").Groups["methods"].Value.Trim();
        if (allow.Length > 0 && answer.Headers.GetValueOrDefault("Allow") != allow)
        {
            return $"found Allow: {answer.Headers.GetValueOrDefault("Allow")}";
        }

        return JsonDocument.Parse(answer.Body).RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String && error.GetString()!.Length > 0
            ? null : $"found no text 'error': {answer.Text}";
    }

    private static string? ProblemOfOutputs(RecordedExchange exchange, RawAnswer answer)
    {
        var found = RecordedExchanges.Outputs(answer.Headers, answer.Body);
        var isBinary = answer.Headers.ContainsKey("Inference-Header-Content-Length");
        var json = RecordedExchanges.Split(answer.Headers, answer.Body).Json;
        if (AskedId(exchange) is { } id && !(json.TryGetProperty("id", out var told) && told.GetString() == id))
        {
            return $"found another id: {answer.Text}";
        }

        if (VersionPattern().Match(exchange.Target) is { Success: true } version && json.GetProperty("model_version").GetString() != version.Groups["version"].Value)
        {
            return $"found another version: {answer.Text}";
        }

        if (exchange.Triton is not { Status: 200 } triton || exchange.Group == "client" && triton.Body.Length == 0)
        {
            return null;
        }

        if (triton.Headers.ContainsKey("Inference-Header-Content-Length") != isBinary
            && exchange.Scenario is not ("default_with_override" or "zero_dim_binary" or "zero_dim_bin"))   // empty: Triton leaves the header out
        {
            return $"found {(isBinary ? "binary" : "JSON")} outputs, Triton's are not";
        }

        var expected = RecordedExchanges.Outputs(triton.Headers, triton.Body);
        var different = expected.Values.Where(tensor => !found.TryGetValue(tensor.Name, out var ours) || !Same(tensor, ours)).Select(tensor => $"{tensor}").ToList();
        return different.Count == 0 && expected.Count == found.Count ? null : $"outputs differ: {string.Join(", ", different)}; found {answer.Text}";
    }

    private static string? AskedId(RecordedExchange exchange)
    {
        var headers = exchange.Headers.ToDictionary(header => header.Name, header => header.Value, StringComparer.OrdinalIgnoreCase);
        return headers.GetValueOrDefault("Content-Encoding") is null or "identity" && headers.GetValueOrDefault("Inference-Header-Content-Length") != "0"
            && exchange.Scenario is not ("utf8_bom" or "json_nan_token" or "json_infinity_token")
            && RecordedExchanges.Split(headers, exchange.Body).Json.TryGetProperty("id", out var id) && id.GetString() is { Length: > 0 } text ? text : null;
    }

    // In JSON an infinity is null, and so is NaN.
    private static bool Same(Tensor expected, Tensor found) => TensorComparison.Compare(expected, found, 1e-5, 1e-6).Matches
        || (expected.Type == found.Type && expected.Shape.SequenceEqual(found.Shape) && expected.Type == ElementType.Float32 &&
            Enumerable.Range(0, (int)expected.Length).All(i => double.IsFinite(expected.At(i)) ? expected.At(i) == found.At(i) : double.IsNaN(found.At(i))));

    private string? ProblemOfMetadata(RecordedExchange exchange, RawAnswer answer)
    {
        if (exchange.Line.StartsWith("HEAD", StringComparison.Ordinal) || answer.Status == 204)
        {
            return answer.Status == 204 && !answer.Headers.ContainsKey("Allow") ? "found no Allow" : null;
        }

        var json = JsonDocument.Parse(answer.Body).RootElement;
        switch (exchange.Scenario)
        {
            case "live" or "ready":
                return answer.Text == $"{{\"{exchange.Scenario}\":true}}" ? null : answer.Text;
            case "server_metadata" or "server_metadata_slash":
                return json.GetProperty("extensions").EnumerateArray().Any(name => name.GetString() == "binary_tensor_data") ? null : answer.Text;
            case "model_ready":
                return json.GetProperty("ready").GetBoolean() ? null : answer.Text;
            case "model_metadata" when exchange.Triton is { } triton:
                var theirs = JsonDocument.Parse(triton.Body).RootElement;
                return json.GetProperty("versions").EnumerateArray().All(version => version.ValueKind == JsonValueKind.String)
                    && json.GetProperty("name").GetString() == _names[ModelOf(exchange)!] && json.GetProperty("platform").GetString() == "onnxruntime_onnx"
                    && new[] { "inputs", "outputs" }.All(values => Values(json, values).SequenceEqual(Values(theirs, values)))
                    ? null : answer.Text;
            case "repo_index" or "repo_index_empty_body" or "repo_index_ready":
                var rows = json.EnumerateArray().ToDictionary(row => row.GetProperty("name").GetString()!, row => row.GetProperty("state").GetString());
                return exchange.Scenario == "repo_index_ready" ? rows.Values.All(state => state == "READY") ? null : answer.Text
                    : _names.Values.All(rows.ContainsKey) ? null : answer.Text;
            default:
                return null;
        }

        static IEnumerable<string> Values(JsonElement model, string kind) => model.GetProperty(kind).EnumerateArray().Select(value =>
            $"{value.GetProperty("name")} {value.GetProperty("datatype")} {string.Join(',', value.GetProperty("shape").EnumerateArray())}");
    }

    private static IReadOnlyList<int> StatusesHere(RecordedExchange exchange) => exchange.Expect switch
    {
        // Every spelling of the slash is taken; names that only look like it belong to nobody.
        "see README" or "see section C" => ModelOf(exchange) is null ? [404] : exchange.Triton is { Status: 400 } ? [400] : [200],
        "200 for every spelling of an existing model that we accept; else 404 {error}" => ModelOf(exchange) is null ? [404] : [200],
        _ => exchange.Statuses,
    };

    /// <summary>The model that the address names; null: none of ours.</summary>
    private static string? ModelOf(RecordedExchange exchange)
    {
        var match = ModelPattern().Match(exchange.Target);
        var isAnotherName = exchange.Target.Contains("acme.iris", StringComparison.Ordinal)
            && exchange.Scenario is not ("repo_unload" or "ready_after_unload" or "infer_after_unload" or "repo_load" or "load" or "unload");
        return !match.Success || isAnotherName ? null : match.Groups["model"].Value.ToLowerInvariant().Replace("%69", "i", StringComparison.Ordinal);
    }

    private string TargetHere(RecordedExchange exchange)
    {
        if (ModelOf(exchange) is not { } model)
        {
            return exchange.Line;
        }

        var name = _names[model];
        return ModelPattern().Replace(exchange.Line, match =>
        {
            var slash = match.Groups["slash"] is { Success: true, Value: not "." } given ? given.Value : "/";
            var spelled = match.Groups["model"].Value switch
            {
                "IRIS" => name.ToUpperInvariant(),
                "%69ris" => name.Replace("/m", "/%6d", StringComparison.Ordinal),
                _ => name,
            };
            return $"{match.Groups["root"].Value}{spelled.Replace("/", slash, StringComparison.Ordinal)}{match.Groups["end"].Value}";
        }, 1);
    }

    private List<(string, string)> HeadersHere(RecordedExchange exchange) =>
    [
        ("Authorization", $"Bearer {app.Ada.DefaultRequestHeaders.Authorization!.Parameter}"),   // as the gateway has swapped it
        .. exchange.Headers.Where(header => !header.Name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)),
    ];

    private async Task LoadAsync(string model)
    {
        if (!_names.TryGetValue(model, out var path))
        {
            var repository = await app.AModelWithoutRun(new() { ["model.onnx"] = File.ReadAllBytes(SharedFolder.File($"oip/models/{model}.onnx")) });
            app.Neighbours.Name(repository.Id, "1", "c0ffee");
            app.Neighbours.Name(repository.Id, "3", "c0ffee");
            _names[model] = path = $"{repository.Owner}/{repository.Name}";
        }

        using var loaded = await app.Ada.PostAsync($"/v2/repository/models/{path}/load", null);
        Assert.True(loaded.IsSuccessStatusCode, await loaded.Content.ReadAsStringAsync());
    }

    [GeneratedRegex(@"(?<root>/v2/(repository/)?models/)(?:acme(?<slash>/|%2F|%2f|%252F|\.))?(?<model>%69ris|iris|IRIS|multi_io|identity_[a-z0-9]+)(?<end>[/ ?]|$)")]
    private static partial Regex ModelPattern();

    [GeneratedRegex("/versions/(?<version>[^/ ]+)/infer")]
    private static partial Regex VersionPattern();
}
