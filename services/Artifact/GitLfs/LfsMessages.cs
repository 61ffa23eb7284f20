using System.Text.Json.Serialization;

namespace ZooPlatform.Artifact.GitLfs;

/// <summary>What a client may ask of the batch call; everything may be absent.</summary>
internal sealed record BatchRequest(
    string? Operation, IReadOnlyList<string>? Transfers, IReadOnlyList<ObjectReference?>? Objects, [property: JsonPropertyName("hash_algo")] string? HashAlgo);

internal sealed record ObjectReference(string? Oid, long Size);

internal sealed record BatchAnswer(
    string Transfer, IReadOnlyList<BatchObject> Objects, [property: JsonPropertyName("hash_algo")] string HashAlgo = "sha256");

/// <param name="Actions">Null: the server has the object, or there is an error.</param>
internal sealed record BatchObject(
    string Oid, long Size,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, BatchAction>? Actions = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] BatchError? Error = null)
{
    /// <summary>The addresses are signed: clients need send no credential there.</summary>
    public bool Authenticated => true;
}

internal sealed record BatchAction(
    string Href, [property: JsonPropertyName("expires_in")] int ExpiresIn,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? Header = null);

internal sealed record BatchError(int Code, string Message);
