using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using ZooPlatform.Formats.Tensors;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Benchmark.Tests;

/// <summary>A request that was really sent to Triton, MLServer and KServe, once however often it was, with what ours must answer and what Triton did.</summary>
/// <param name="Expect">Words.</param>
/// <param name="Triton">Null: Triton was not asked or ended.</param>
internal sealed record RecordedExchange(
    string Group, string Scenario, string Line, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body, string Expect, RecordedAnswer? Triton)
{
    public string Target => Line.Split(' ')[1];

    /// <summary>Statuses that the words name.</summary>
    public IReadOnlyList<int> Statuses => [.. Regex.Matches(Expect, @"\b[2-5]\d\d\b").Select(match => int.Parse(match.Value)),
        .. Expect.Contains("infinity", StringComparison.Ordinal) ? [200] : Array.Empty<int>(),
        .. Expect.StartsWith("4xx", StringComparison.Ordinal) ? Enumerable.Range(400, 100) : []];

    public override string ToString() => $"{Group}/{Scenario}: {Line}";
}

internal sealed record RecordedAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body);

internal static class RecordedExchanges
{
    /// <summary>All, in the order in which they were sent; equal requests once.</summary>
    public static IReadOnlyList<RecordedExchange> Read()
    {
        var index = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.File("oip/index.json"))).RootElement;
        return [.. index.GetProperty("exchanges").EnumerateArray()
            .Where(exchange => exchange.GetProperty("request").GetProperty("line").GetString()!.Contains("HTTP/", StringComparison.Ordinal))
            .OrderBy(exchange => IsTriton(exchange) ? 0 : 1)
            .Select(Of)
            .DistinctBy(exchange => (exchange.Group == "client" ? "" : exchange.Scenario, exchange.Line, string.Join('\n', exchange.Headers.Select(header => header.ToString().ToLowerInvariant())), Convert.ToHexString(exchange.Body)))];
    }

    /// <summary>The outputs of an answer, whatever form each has.</summary>
    public static Dictionary<string, Tensor> Outputs(IReadOnlyDictionary<string, string> headers, byte[] body)
    {
        var (json, rest) = Split(headers, body);
        var outputs = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var output in json.GetProperty("outputs").EnumerateArray())
        {
            var tensor = OpenInferenceTensors.Read(NullsNamed(output), ref rest);
            outputs.Add(tensor.Name, tensor);
        }

        Assert.True(rest.IsEmpty, "bytes follow that belong to no output");
        return outputs;
    }

    /// <summary>The JSON of a message and what follows it.</summary>
    public static (JsonElement Json, ReadOnlyMemory<byte> Data) Split(IReadOnlyDictionary<string, string> headers, byte[] body)
    {
        body = headers.GetValueOrDefault("Content-Encoding") switch
        {
            "gzip" => Unpack(new GZipStream(new MemoryStream(body), CompressionMode.Decompress)),
            "deflate" => Unpack(new ZLibStream(new MemoryStream(body), CompressionMode.Decompress)),
            _ => body,
        };
        var jsonBytes = headers.TryGetValue("Inference-Header-Content-Length", out var length) ? int.Parse(length) : body.Length;
        // Triton writes bare NaN and Infinity, which is no JSON.
        var text = Regex.Replace(System.Text.Encoding.Latin1.GetString(body, 0, jsonBytes), @"(?<=[\[,])-?(NaN|Infinity)(?=[,\]])", match => $"\"{match.Value}\"");
        return (JsonDocument.Parse(System.Text.Encoding.Latin1.GetBytes(text)).RootElement, body.AsMemory(jsonBytes));
    }

    // null stands for what JSON cannot say; the reader of requests refuses it.
    private static JsonElement NullsNamed(JsonElement output) =>
        JsonDocument.Parse(Regex.Replace(output.GetRawText(), @"(?<=[\[,])null(?=[,\]])", "\"NaN\"")).RootElement;

    private static RecordedExchange Of(JsonElement exchange)
    {
        var request = exchange.GetProperty("request");
        var response = exchange.GetProperty("response");
        return new RecordedExchange(
            exchange.GetProperty("group").GetString()!, exchange.GetProperty("scenario").GetString()!, request.GetProperty("line").GetString()!,
            Headers(request), Body(request), exchange.GetProperty("expect").GetString()!,
            !IsTriton(exchange) || response.ValueKind == JsonValueKind.Null ? null : new RecordedAnswer(
                int.Parse(response.GetProperty("line").GetString()!.Split(' ')[1]),
                Headers(response).GroupBy(header => header.Name, StringComparer.OrdinalIgnoreCase)
                    .ToDictionary(group => group.Key, group => group.First().Value, StringComparer.OrdinalIgnoreCase),
                Body(response)));
    }

    private static bool IsTriton(JsonElement exchange) => exchange.GetProperty("server").GetString()!.StartsWith("Triton", StringComparison.Ordinal);

    private static List<(string Name, string Value)> Headers(JsonElement message) =>
        [.. message.GetProperty("headers").EnumerateArray().Select(header => (header[0].GetString()!, header[1].GetString()!))];

    private static byte[] Body(JsonElement message) =>
        message.GetProperty("body").GetString() is { } file ? File.ReadAllBytes(SharedFolder.File($"oip/exchanges/{file}")) : [];

    private static byte[] Unpack(Stream packed)
    {
        using var unpacked = new MemoryStream();
        packed.CopyTo(unpacked);
        return unpacked.ToArray();
    }
}
