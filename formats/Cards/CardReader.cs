using System.Text.Json.Nodes;
using YamlDotNet.Core;

namespace ZooPlatform.Formats.Cards;

/// <summary>Reads README.md. Never throws on what a person may have written.</summary>
public static class CardReader
{
    /// <summary>A longer card is cut here, and says so. 1 MiB of characters.</summary>
    public const int MaxCharacters = 1 << 20;

    /// <summary>A longer front matter is not read. 64 KiB of characters.</summary>
    public const int MaxFrontMatterCharacters = 64 << 10;

    public static Card Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var findings = new FindingList();
        if (text.Length > MaxCharacters)
        {
            findings.Warning("card.too-long", $"The card has {text.Length} characters; what comes after {MaxCharacters} is not shown.");
            text = text[..MaxCharacters];
        }
        if (text.StartsWith('\ufeff')) text = text[1..];
        // Databases and terminals choke on control characters; writing needs none of them.
        text = string.Concat(text.Replace("\r\n", "\n").Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '\uFFFD' : c));

        var (yaml, body) = Split(text, findings);
        var fields = yaml is null ? null : ReadFields(yaml, findings);
        return From(fields, body, findings);
    }

    // The front matter stands between a first line "---" and the next line "---" or "...".
    private static (string? Yaml, string Body) Split(string text, FindingList findings)
    {
        if (!text.StartsWith("---\n", StringComparison.Ordinal)) return (null, text);
        for (var at = 4; at < text.Length;)
        {
            var end = text.IndexOf('\n', at);
            if (end < 0) end = text.Length;
            if (text.AsSpan(at, end - at).TrimEnd() is "---" or "...")
            {
                return (text[4..at], text[Math.Min(end + 1, text.Length)..]);
            }
            at = end + 1;
        }
        findings.Warning("card.front-matter-open", "Line 1 opens a front matter with '---', and no line closes it: all is shown as text.");
        return (null, text);
    }

    private static JsonObject? ReadFields(string yaml, FindingList findings)
    {
        if (yaml.Length > MaxFrontMatterCharacters)
        {
            findings.Warning("card.front-matter-too-long", $"The front matter has {yaml.Length} characters; up to {MaxFrontMatterCharacters} are read.");
            return null;
        }
        try
        {
            return YamlToJson.Read(yaml);
        }
        catch (YamlException e)
        {
            // + 1: the line of the opening '---' comes first.
            findings.Warning("card.front-matter-broken",
                $"Line {e.Start.Line + 1}, column {e.Start.Column}: {UntrustedText.Quote(e.Message)}. Correct README.md; until then its fields are not used.");
            return null;
        }
    }

    private static Card From(JsonObject? fields, string body, FindingList findings)
    {
        if (fields is null) return new Card { Body = body, Findings = findings.ToList() };
        var read = new CardFields(fields, findings);
        var zoo = new CardFields(fields["zoo"] as JsonObject ?? [], findings, "zoo.");
        return new Card
        {
            License = read.Text("license"),
            LicenseName = read.Text("license_name"),
            LicenseLink = read.Text("license_link"),
            Languages = read.Texts("language"),
            Tags = read.Texts("tags"),
            PipelineTag = read.Text("pipeline_tag"),
            LibraryName = read.Text("library_name"),
            Datasets = read.Texts("datasets"),
            Metrics = read.Texts("metrics"),
            BaseModels = read.Texts("base_model"),
            BaseModelRelation = read.Text("base_model_relation"),
            Thumbnail = read.Text("thumbnail"),
            Zoo = new ZooFields
            {
                Stub = zoo.Text("stub"),
                Domain = zoo.Text("domain"),
                SubDomain = zoo.Text("sub_domain"),
                Architecture = zoo.Text("architecture"),
                Task = zoo.Text("task"),
                Framework = zoo.Text("framework"),
                Dataset = zoo.Text("dataset"),
                Hardware = zoo.Texts("hardware"),
                Relation = zoo.Text("relation"),
            },
            Results = CardResults.Of(fields["model-index"]),
            FrontMatter = fields,
            Body = body,
            Findings = findings.ToList(),
        };
    }
}
