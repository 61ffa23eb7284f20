namespace ZooPlatform.Artifact;

/// <summary>Where the platform's clients reach it. Addresses that protocols hand out begin with it, never with what a request calls its host.</summary>
internal sealed class PublicUrl(IConfiguration configuration)
{
    /// <summary>Without a slash at the end: <c>https://zoo.example</c>.</summary>
    /// <exception cref="InvalidOperationException">The setting is missing.</exception>
    public string Value => configuration["Platform:PublicUrl"]?.TrimEnd('/')
        ?? throw new InvalidOperationException("Setting Platform:PublicUrl is missing: the AppHost gives it to each service.");

    public string Of(string path) => Value + path;
}
