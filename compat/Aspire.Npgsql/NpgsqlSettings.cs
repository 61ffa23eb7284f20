namespace Aspire.Npgsql;

/// <summary>
/// How a service reaches PostgreSQL. Bound from <c>Aspire:Npgsql</c>, then <c>Aspire:Npgsql:&lt;name&gt;</c>, then
/// <c>ConnectionStrings:&lt;name&gt;</c>, then the delegate given in code; the last one that says something wins.
/// </summary>
public sealed class NpgsqlSettings
{
    /// <summary>An Npgsql connection string, e.g. <c>Host=127.0.0.1;Port=5432;Username=u;Password=p;Database=d</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>True leaves the check <c>PostgreSql</c> out of <c>/health</c>. Default false.</summary>
    public bool DisableHealthChecks { get; set; }
}
