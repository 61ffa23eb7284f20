using ZooPlatform.Cli.Platforms;

namespace ZooPlatform.Cli.Credentials;

/// <summary>Where a command goes and as whom.</summary>
/// <param name="Url">The zoo's origin; the token is sent nowhere else.</param>
/// <param name="Token">Null: as nobody.</param>
/// <param name="From">Where the token came from, to tell people.</param>
/// <param name="Refreshed">What keeps the token fresh on the way; null: it lasts.</param>
internal sealed record Connection(Uri Url, string? Token, string? From, Func<HttpMessageHandler, HttpMessageHandler>? Refreshed = null)
{
    /// <summary>
    /// The zoo: <c>--url</c>, <c>ZOO_URL</c>, the platform of a data folder that was named, the one signed in to last,
    /// the platform of the default data folder. The token: <c>--token</c>, <c>ZOO_TOKEN</c>, the one stored for that zoo,
    /// the first administrator's, when it is the platform of the data folder and this user may read its file.
    /// </summary>
    public static Connection Find(
        Surroundings surroundings, string? url, string? token, LoginStore logins, DataFolder data, bool dataGiven)
    {
        var platform = PlatformFile.Read(data);
        var address = url ?? surroundings.Read("ZOO_URL") ?? (dataGiven ? platform?.Url : null) ?? logins.Default ?? platform?.Url
            ?? throw new Refusal("there is no zoo to talk to", "./zoo up starts one here; --url or ZOO_URL names another");
        var origin = ParseUrl(address);

        if ((token ?? surroundings.Read("ZOO_TOKEN")) is { } given)
        {
            return new Connection(origin, given, token is null ? "ZOO_TOKEN" : "--token");
        }
        if (logins.Find(origin) is { } login)
        {
            return new Connection(origin, login.Token, "login", login.RefreshToken is null
                ? null
                : inner => new RefreshedLogin(inner, origin, () => LoginStore.Of(surroundings), surroundings.Time));
        }
        var isLocal = platform is not null && ParseUrl(platform.Url) == origin;
        return isLocal && AdminFile.Read(data) is { } admin
            ? new Connection(origin, admin.Token, data.AdminFile)
            : new Connection(origin, null, null);
    }

    /// <summary>An origin from what a person typed.</summary>
    /// <exception cref="WrongUsage">It is no http or https address, or names more than an origin.</exception>
    public static Uri ParseUrl(string text)
    {
        var given = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        return Uri.TryCreate(given, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { PathAndQuery: "/", UserInfo: "" }
            ? url
            : throw new WrongUsage($"'{text}' is not a zoo's address", "http://HOST:PORT or https://HOST, nothing after it");
    }
}
