using System.Text.Json.Nodes;

namespace ZooPlatform.Formats.Cards;

/// <summary>
/// A repository's README.md, read. Field names are the Hugging Face model card's; ours stand under <c>zoo:</c>.
/// A field that is missing, or not of the kind it should be, is null or empty.
/// </summary>
public sealed record Card
{
    /// <summary>A card without front matter and text.</summary>
    public static readonly Card Empty = new();

    public string? License { get; init; }
    public string? LicenseName { get; init; }
    public string? LicenseLink { get; init; }
    public IReadOnlyList<string> Languages { get; init; } = [];
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The task: <c>image-classification</c> ...</summary>
    public string? PipelineTag { get; init; }
    public string? LibraryName { get; init; }
    public IReadOnlyList<string> Datasets { get; init; } = [];
    public IReadOnlyList<string> Metrics { get; init; } = [];
    public IReadOnlyList<string> BaseModels { get; init; } = [];

    /// <summary>quantized, finetune, adapter, merge ...</summary>
    public string? BaseModelRelation { get; init; }
    public string? Thumbnail { get; init; }

    /// <summary>What <c>model-index</c> says was measured; at most 50, only those with a finite number.</summary>
    public IReadOnlyList<CardResult> Results { get; init; } = [];

    /// <summary>The <c>zoo:</c> block.</summary>
    public ZooFields Zoo { get; init; } = new();

    /// <summary>The whole front matter as JSON, <c>model-index</c> and unknown fields included; null when there is none or it is broken.</summary>
    public JsonObject? FrontMatter { get; init; }

    /// <summary>Markdown below the front matter.</summary>
    public string Body { get; init; } = "";

    /// <summary>Kinds <c>card.*</c>; a broken front matter is a warning with line and column, and the body still shows.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];
}

/// <summary>A measured figure of a card.</summary>
/// <param name="Name">What the card calls it; its type when it has no name.</param>
/// <param name="Type"><c>accuracy</c> ...</param>
public sealed record CardResult(string Name, string Type, double Value, string? Dataset);

/// <summary>What a card says under <c>zoo:</c>.</summary>
public sealed record ZooFields
{
    /// <summary>The address this model asks for, as written; Catalog checks it.</summary>
    public string? Stub { get; init; }
    public string? Domain { get; init; }
    public string? SubDomain { get; init; }
    public string? Architecture { get; init; }
    public string? Task { get; init; }
    public string? Framework { get; init; }
    public string? Dataset { get; init; }

    /// <summary>Chips and devices the kit is made for.</summary>
    public IReadOnlyList<string> Hardware { get; init; } = [];

    /// <summary>converted, quantised, pruned, fine-tuned or optimised-for: how the model came from its base.</summary>
    public string? Relation { get; init; }
}
