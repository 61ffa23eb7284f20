using System.Text.Json;

namespace ZooPlatform.Cli.Credentials;

/// <param name="Token">What requests carry.</param>
/// <param name="TokenId">The token's id at the zoo when login made it; null when the person brought it, or signed in by device.</param>
/// <param name="RefreshToken">Buys the next token; null: this one lasts until it is revoked.</param>
/// <param name="ExpiresAt">When the token dies, if it is refreshed.</param>
internal sealed record Login(string UserName, string Token, Guid? TokenId, string? RefreshToken = null, DateTimeOffset? ExpiresAt = null);

/// <summary>The tokens this user signed in with, by zoo.</summary>
/// <remarks><c>$XDG_CONFIG_HOME/zooplatform/logins.json</c>, mode 0600:
/// <c>{ "default": "http://...", "logins": { "http://...": { "userName", "token", "tokenId", "refreshToken", "expiresAt" } } }</c></remarks>
internal sealed class LoginStore
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly string path;
    private readonly Content content;

    private LoginStore(string path)
    {
        this.path = path;
        content = Read(path);
    }

    public string? Default => content.Default;

    public static LoginStore Of(Surroundings surroundings)
    {
        var home = surroundings.Read("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var folder = surroundings.Read("XDG_CONFIG_HOME") ?? Path.Combine(home, ".config");
        return new LoginStore(Path.Combine(folder, "zooplatform", "logins.json"));
    }

    public Login? Find(Uri zoo) => content.Logins.GetValueOrDefault(Key(zoo));

    /// <summary>Keeps a login; its zoo becomes the default one.</summary>
    public void Save(Uri zoo, Login login)
    {
        content.Logins[Key(zoo)] = login;
        Write(content with { Default = Key(zoo) });
    }

    /// <summary>Keeps a login in place of the one there was.</summary>
    public void Update(Uri zoo, Login login)
    {
        content.Logins[Key(zoo)] = login;
        Write(content);
    }

    public void Remove(Uri zoo)
    {
        content.Logins.Remove(Key(zoo));
        Write(content.Default == Key(zoo) ? content with { Default = content.Logins.Keys.FirstOrDefault() } : content);
    }

    private static string Key(Uri zoo) => zoo.GetLeftPart(UriPartial.Authority);

    private static Content Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<Content>(File.ReadAllText(path), Json)! : new Content(null, []);
        }
        catch (JsonException e)
        {
            throw new Refusal($"{path} is broken: {e.Message}", "delete it and sign in again: ./zoo login", e);
        }
    }

    private void Write(Content changed)
    {
        PrivateFiles.Write(path, JsonSerializer.Serialize(changed, Json));
    }

    private sealed record Content(string? Default, Dictionary<string, Login> Logins);
}
