namespace ZooPlatform.ServiceDefaults.Problems;

/// <summary>How a protocol's clients expect to be refused. As metadata of a route (<c>.WithMetadata(ErrorShape.Hub)</c>) it holds for
/// what the route's policy, an outage or a malformed request refuses; what the route itself refuses is its own business.</summary>
public enum ErrorShape
{
    /// <summary><c>/api/v1</c>: RFC 9457 problem details.</summary>
    Problem,
    /// <summary>Hugging Face clients: the message in headers, for HEAD, and as <c>{"error": "..."}</c>.</summary>
    Hub,
    /// <summary><c>/v2</c>: <c>{"error": "..."}</c>, exactly <c>application/json</c>: kserve's client drops anything else.</summary>
    OpenInference,
    /// <summary>OCI distribution: <c>{"errors": [{"code", "message"}]}</c>.</summary>
    Oci,
    /// <summary>git shows plain text to its user.</summary>
    Git,
    /// <summary>Git LFS: <c>{"message": "..."}</c>.</summary>
    GitLfs,
    /// <summary>RFC 6749: <c>{"error", "error_description"}</c>.</summary>
    OAuth,
    /// <summary>A person's browser.</summary>
    Page,
}
