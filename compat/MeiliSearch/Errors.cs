using System.Net;

namespace Meilisearch;

/// <summary>The server refused a request.</summary>
public class MeilisearchApiError : Exception
{
    public MeilisearchApiError(MeilisearchApiErrorContent apiError)
        : base($"MeilisearchApiError, Message: {apiError.Message}, Code: {apiError.Code}, Type: {apiError.Type}, Link: {apiError.Link}") =>
        Code = apiError.Code;

    public MeilisearchApiError(HttpStatusCode statusCode, string reasonPhrase)
        : base($"MeilisearchApiError, Message: {reasonPhrase}, Code: {(int)statusCode}")
    {
    }

    /// <summary><c>index_not_found</c>, <c>invalid_search_filter</c>, ...; null when the answer had no body.</summary>
    public string Code { get; set; }
}

/// <summary>The body of a refusal.</summary>
public class MeilisearchApiErrorContent
{
    public MeilisearchApiErrorContent(string message, string code, string type, string link)
    {
        Message = message;
        Code = code;
        Type = type;
        Link = link;
    }

    public string Message { get; }

    public string Code { get; }

    public string Type { get; }

    public string Link { get; }
}

/// <summary>The server could not be reached.</summary>
public class MeilisearchCommunicationError : Exception
{
    public MeilisearchCommunicationError(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>A task was not over in time.</summary>
public class MeilisearchTimeoutError : Exception
{
    public MeilisearchTimeoutError(string message)
        : base(message)
    {
    }
}
