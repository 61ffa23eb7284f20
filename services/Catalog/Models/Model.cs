using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Catalog.Models;

/// <summary>A repository as the catalog sees it: Artifact's facts, and what reading its main revision told.</summary>
internal sealed class Model : IReadable
{
    public required Guid Id { get; init; }
    public required string Owner { get; set; }
    public required string Name { get; set; }
    public required Visibility Visibility { get; set; }
    public required string[] Readers { get; set; }

    /// <summary>As its owner gave it to Artifact; shown where the card has no text.</summary>
    public string? Description { get; set; }

    /// <summary>What Artifact's main branch points at; null while the repository is empty.</summary>
    public string? Head { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>The revision all below was read from; null while none was.</summary>
    public string? Revision { get; set; }
    public required string Title { get; set; }
    public string? Summary { get; set; }

    /// <summary>The card below its front matter; null without a card.</summary>
    public string? Markdown { get; set; }

    /// <summary>A JSON object.</summary>
    public string? FrontMatter { get; set; }

    /// <summary>A <see cref="Contracts.Catalog.KitView"/> as JSON.</summary>
    public string? Kit { get; set; }

    /// <summary>The card as plain text, at most 16 KiB.</summary>
    public string? Text { get; set; }

    /// <summary>The stub the card asks for; <see cref="Stub"/> is the same once it was won.</summary>
    public string? WantedStub { get; set; }
    public string? Stub { get; set; }
    public string? Task { get; set; }
    public string? Domain { get; set; }
    public string[] Frameworks { get; set; } = [];
    public string[] Formats { get; set; } = [];
    public string? License { get; set; }
    public string[] Tags { get; set; } = [];

    /// <summary>Of the largest model file: a kit's files are mostly the same network in several forms.</summary>
    public long? Parameters { get; set; }

    /// <summary>Of all files of the revision.</summary>
    public long SizeBytes { get; set; }

    public List<ModelFile> Files { get; init; } = [];
    public List<ModelFinding> Findings { get; init; } = [];
    public List<LineageEdge> Lineage { get; init; } = [];
}

/// <summary>A file of the revision that was read.</summary>
internal sealed class ModelFile
{
    public Guid ModelId { get; init; }
    public required string Path { get; init; }
    public required string Sha256 { get; init; }
    public required long SizeBytes { get; init; }

    /// <summary>Null for a file that is no model.</summary>
    public string? Format { get; init; }

    /// <summary>May it go to ONNX Runtime; null when it is of another format.</summary>
    public bool? Fit { get; init; }

    /// <summary>Why not.</summary>
    public string? Unfit { get; init; }

    /// <summary>Paths in the repository that its weights lie in.</summary>
    public string[] ExternalData { get; init; } = [];

    /// <summary>A <see cref="Formats.Inspection"/> as JSON.</summary>
    public string? Inspection { get; init; }

    /// <summary>Which readers read it; null when it must be read again even if it stays the same.</summary>
    public int? Reader { get; init; }
}

internal sealed class ModelFinding
{
    public Guid ModelId { get; init; }

    /// <summary>Place in the list, worst first.</summary>
    public required int Ordinal { get; set; }
    public required string Kind { get; init; }
    public required string Severity { get; init; }
    public string? Path { get; init; }
    public required string Message { get; init; }
}

internal sealed class LineageEdge
{
    public Guid ModelId { get; init; }

    /// <summary>As the card names it.</summary>
    public required string Base { get; init; }
    public required string Relation { get; init; }
}
