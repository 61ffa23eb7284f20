using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace ZooPlatform.Tests.Support;

/// <summary>Bodies that no honest client sends, made from recorded ones as the collection's index says.</summary>
public static class XetHostile
{
    public static byte[] Body(JsonNode request)
    {
        var body = File.ReadAllBytes(SharedFolder.File($"xet/{(string)request["base"]!}"));
        foreach (var step in request["mutation"]!.AsArray())
        {
            var at = (int?)step!["at"] ?? 0;
            switch ((string)step["op"]!)
            {
                case "set": Convert.FromHexString((string)step["hex"]!).CopyTo(body, at); break;
                case "keep": body = body[..(int)step["length"]!]; break;
                case "append": body = [.. body, .. Convert.FromHexString((string)step["hex"]!)]; break;
                case "remove": body = [.. body[..at], .. body[(at + (int)step["length"]!)..]]; break;
                case "repeat": body = [.. Enumerable.Repeat(body, (int)step["times"]!).SelectMany(part => part)]; break;
                default: throw new NotSupportedException($"The index has a step {step}.");
            }
        }
        return Convert.ToHexStringLower(SHA256.HashData(body)) == (string?)request["body_sha256"] ? body
            : throw new InvalidOperationException($"The steps of {request} give another body than the index says.");
    }
}
