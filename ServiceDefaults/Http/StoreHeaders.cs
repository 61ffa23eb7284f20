namespace ZooPlatform.ServiceDefaults.Http;

/// <summary>By which the gateway and Artifact agree who sends a stored file's bytes. They never pass the gateway, in or out.</summary>
public static class StoreHeaders
{
    /// <summary>Of a request: the id of the store that the gateway sees on its own disk.</summary>
    public const string Id = "X-Zoo-Store";

    /// <summary>Of an answer: <c>path;offset;count</c>, which stands for its bytes.</summary>
    public const string File = "X-Zoo-File";
}
