namespace ZooPlatform.Cli.Clients;

/// <summary>A repository's public address, <c>owner/name</c>.</summary>
internal sealed record RepositoryName(string Owner, string Name)
{
    /// <exception cref="WrongUsage">It is not two names with a slash between.</exception>
    public static RepositoryName Parse(string text)
    {
        var parts = text.Split('/');
        return parts is [{ Length: > 0 }, { Length: > 0 }]
            ? new RepositoryName(parts[0], parts[1])
            : throw new WrongUsage($"'{text}' is not a repository", "OWNER/NAME, like acme/mobilenet-v2-int8");
    }

    public override string ToString() => $"{Owner}/{Name}";
}
