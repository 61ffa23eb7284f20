using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.ServiceDefaults.Auth;

/// <summary>Lets in what carries an internal token and nothing else. Checks in the order of RFC 9068: size, <c>typ</c>,
/// <c>alg</c>, <c>kid</c> in Identity's set, signature, issuer, audience, lifetime.</summary>
internal sealed class InternalTokenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder,
    SigningKeys keys, CheckedTokens checkedTokens) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "internal";
    private const int MaxTokenChars = 8 * 1024;
    private const string Prefix = "Bearer ";
    private static readonly JsonWebTokenHandler s_reader = new();
    private bool _identityUnreachable;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization;
        if (header.Count == 0) return AuthenticateResult.NoResult();
        var value = header.Count == 1 ? header[0] : null;
        if (value is null || !value.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || value.Length > MaxTokenChars)
            return AuthenticateResult.Fail("Not an internal token.");

        var token = value[Prefix.Length..];
        if (checkedTokens.Find(token) is { } known) return Accept(known);
        if (Read(token) is not { } jwt) return AuthenticateResult.Fail("Not a JWT.");
        if (jwt.Typ != "at+jwt" || jwt.Alg != SecurityAlgorithms.EcdsaSha256 || !HasPlainHeader(jwt)) return AuthenticateResult.Fail("Not an internal token.");

        ECDsaSecurityKey? key;
        try
        {
            key = await keys.FindAsync(jwt.Kid ?? "", Context.RequestAborted);
        }
        catch (HttpRequestException e)
        {
            _identityUnreachable = true;
            return AuthenticateResult.Fail(e);
        }
        if (key is null) return AuthenticateResult.Fail("Signed with a key that Identity does not publish.");
        var result = s_reader.ValidateToken(token, new TokenValidationParameters
        {
            ValidIssuer = InternalClaims.Platform,
            ValidAudience = InternalClaims.Platform,
            IssuerSigningKey = key,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ClockSkew = TimeSpan.FromSeconds(5),
        });
        if (!result.IsValid) return AuthenticateResult.Fail(result.Exception);
        if (!TryParse(jwt, out var claims)) return AuthenticateResult.Fail("Its claims are not an internal token's.");
        var caller = new Caller(claims, token);
        checkedTokens.Keep(token, caller, new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero));
        return Accept(caller);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        Context.RefuseAsync(_identityUnreachable ? Problem.IdentityUnreachable : Problem.SignInNeeded);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Context.RefuseAsync(Context.Features.Get<Caller>() is { IsAnonymous: true } ? Problem.SignInNeeded : Problem.NotAllowed);

    private static JsonWebToken? Read(string token)
    {
        try
        {
            return s_reader.ReadJsonWebToken(token);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or Newtonsoft.Json.JsonException)
        {
            return null;
        }
    }

    /// <summary>Nothing in the header brings a key along or asks for what we do not know: <c>jwk</c>, <c>jku</c>, <c>x5c</c>, <c>x5u</c>, <c>crit</c>.</summary>
    private static bool HasPlainHeader(JsonWebToken jwt)
    {
        using var header = System.Text.Json.JsonDocument.Parse(Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlDecode(jwt.EncodedHeader));
        return header.RootElement.EnumerateObject().All(member => member.Name is "typ" or "alg" or "kid");
    }

    private static bool TryParse(JsonWebToken jwt, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out InternalClaims? claims)
    {
        try
        {
            claims = InternalClaims.Parse(jwt.EncodedPayload);
            return claims is { Subject: not null, Scope: not null };
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or FormatException)
        {
            claims = null;
            return false;
        }
    }

    private AuthenticateResult Accept(Caller caller)
    {
        var replica = Context.RequestServices.GetService<AccessReplica>();
        Context.Features.Set(replica is { IsBehind: true } ? caller.SeeingPublicOnly() : caller);
        var principal = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", caller.Subject)], Name, "sub", "role"));
        return AuthenticateResult.Success(new AuthenticationTicket(principal, Name));
    }
}

/// <summary>Tokens that were checked, until they expire: a signature costs 0.2 ms, and a caller's token serves many requests.</summary>
internal sealed class CheckedTokens(TimeProvider time) : IDisposable
{
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    public Caller? Find(string token) =>
        _cache.Get<Entry>(token) is { } entry && entry.ExpiresAt > time.GetUtcNow() ? entry.Caller : null;

    public void Keep(string token, Caller caller, DateTimeOffset expiresAt) =>
        _cache.Set(token, new Entry(caller, expiresAt), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpiration = expiresAt });

    public void Dispose() => _cache.Dispose();

    private sealed record Entry(Caller Caller, DateTimeOffset ExpiresAt);
}
