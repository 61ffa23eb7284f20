using System.Data.Common;

namespace CommunityToolkit.Aspire.Meilisearch;

/// <summary>
/// How a service reaches Meilisearch. Bound from <c>Aspire:Meilisearch:Client</c>, then <c>ConnectionStrings:&lt;name&gt;</c>,
/// then the delegate given in code; the last one that says something wins.
/// </summary>
public sealed class MeilisearchClientSettings
{
    public Uri? Endpoint { get; set; }

    public string? MasterKey { get; set; }

    /// <summary>True leaves the check <c>Meilisearch</c> out of <c>/health</c>. Default false.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>In milliseconds; null: no limit.</summary>
    public int? HealthCheckTimeout { get; set; }

    /// <summary>Takes a plain URL or <c>Endpoint=...;MasterKey=...</c>.</summary>
    internal void ParseConnectionString(string connectionString)
    {
        if (Uri.TryCreate(connectionString, UriKind.Absolute, out var url))
        {
            Endpoint = url;
            return;
        }

        var parts = new DbConnectionStringBuilder { ConnectionString = connectionString };
        if (parts.TryGetValue("Endpoint", out var endpoint) && Uri.TryCreate(endpoint.ToString(), UriKind.Absolute, out url))
        {
            Endpoint = url;
        }

        if (parts.TryGetValue("MasterKey", out var masterKey))
        {
            MasterKey = masterKey.ToString();
        }
    }
}
