namespace Aspire.StackExchange.Redis;

/// <summary>
/// How a service reaches Redis. Bound from <c>Aspire:StackExchange:Redis</c>, then
/// <c>Aspire:StackExchange:Redis:&lt;name&gt;</c>, then <c>ConnectionStrings:&lt;name&gt;</c>, then the delegate given in
/// code; the last one that says something wins.
/// </summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>StackExchange.Redis form: <c>host:port,password=secret</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>True leaves the check <c>StackExchange.Redis</c> out of <c>/health</c>. Default false.</summary>
    public bool DisableHealthChecks { get; set; }
}
