namespace Aspire.Hosting.ApplicationModel;

/// <summary>One database of a PostgreSQL server; created when the server is ready.</summary>
public class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource postgresParentResource)
    : Resource(name), IResourceWithParent<PostgresServerResource>, IResourceWithConnectionString
{
    public PostgresServerResource Parent { get; } = postgresParentResource;

    public string DatabaseName { get; } = databaseName;

    /// <summary>The server's connection string and <c>;Database=name</c>.</summary>
    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{(IResourceWithConnectionString)Parent};Database={DatabaseName}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties()
    {
        // A server that is only known by its connection string has no parts to tell.
        var parts = Parent.Redirected() == Parent
            ? Parent.Properties(
                ReferenceExpression.Create($"{Parent.UriExpression}/{DatabaseName:uri}"),
                ReferenceExpression.Create($"{Parent.JdbcConnectionString}/{DatabaseName}"))
            : [];
        return [.. parts, new("DatabaseName", ReferenceExpression.Create($"{DatabaseName}"))];
    }
}
