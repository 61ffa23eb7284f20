using Microsoft.AspNetCore.Http;
using ZooPlatform.Contracts;

namespace ZooPlatform.ServiceDefaults.Auth;

/// <summary>Who asks: a person, a service, or nobody we know. A route takes it as a parameter.</summary>
public sealed class Caller
{
    private readonly InternalClaims _claims;

    internal Caller(InternalClaims claims, string token)
    {
        _claims = claims;
        Token = token;
        UserId = Guid.TryParse(claims.Subject, out var user) ? user : null;
        ServiceAccountId = claims.Subject.StartsWith(InternalClaims.ClientPrefix, StringComparison.Ordinal)
            && Guid.TryParse(claims.Subject.AsSpan(InternalClaims.ClientPrefix.Length), out var account) ? account : null;
        Scopes = claims.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        Organisations = claims.Organisations ?? new Dictionary<Guid, Role>();
        ReaderKeys = [.. KeysOf(this)];
    }

    /// <summary>Somebody whose claims Identity told this service, which answers a request that carries no token of theirs. There is none to pass on either.</summary>
    public static Caller Of(InternalClaims claims) => new(claims, "");

    /// <summary>Null for everything but a person.</summary>
    public Guid? UserId { get; }

    /// <summary>Null for everything but an organisation's service account.</summary>
    public Guid? ServiceAccountId { get; }

    /// <summary>Who signed in and can be named as an author: a person or a service account. Null for the platform's own services and the
    /// anonymous caller.</summary>
    public Guid? ActorId => UserId ?? ServiceAccountId;

    /// <summary>The user's name, <c>organisation/account</c> of a service account, a service's subject, or <c>anonymous</c>.</summary>
    public string Name => _claims.Name ?? _claims.Subject;

    /// <summary><c>anonymous</c>, a user's id or <c>client:...</c>: what logs and audit name.</summary>
    public string Subject => _claims.Subject;
    public string? ClientId => _claims.ClientId;
    public bool IsAnonymous => _claims.Subject == InternalClaims.Anonymous;

    /// <summary>One of the platform's own services, at its own work.</summary>
    public bool IsService => ServiceAccountId is null && _claims.Subject.StartsWith(InternalClaims.ClientPrefix, StringComparison.Ordinal);
    public bool IsAdministrator => _claims.IsAdministrator;
    public bool IsGuest => _claims.IsGuest;
    public IReadOnlySet<string> Scopes { get; }
    public IReadOnlyDictionary<Guid, Role> Organisations { get; }

    /// <summary>The only repositories the caller's token is good for; null: all.</summary>
    public IReadOnlyList<Guid>? OnlyRepositories => _claims.Resources;

    /// <summary>What the caller may read: a repository is readable when its readers and these keys overlap.</summary>
    public IReadOnlyList<string> ReaderKeys { get; private init; }

    /// <summary>The same caller, who sees what is public and nothing else.</summary>
    internal Caller SeeingPublicOnly() => new(_claims, Token) { ReaderKeys = [Readers.Public] };

    /// <summary>The same caller, for whom there is this one repository.</summary>
    public Caller NarrowedTo(Guid repository) => new(_claims with { Resources = [repository] }, Token);

    /// <summary>The internal token itself, to be passed on to the next service.</summary>
    internal string Token { get; }

    /// <summary>The caller's role in what belongs to this owner; null: none.</summary>
    public Role? RoleIn(OwnerKind kind, Guid ownerId) => kind switch
    {
        OwnerKind.User => UserId == ownerId ? Role.Owner : null,
        _ => Organisations.TryGetValue(ownerId, out var role) ? role : null,
    };

    /// <summary>Lets a route take the caller as a parameter.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => new(context.GetCaller());

    private static IEnumerable<string> KeysOf(Caller caller)
    {
        yield return Readers.Public;
        if (caller.UserId is { } id)
        {
            if (!caller.IsGuest) yield return Readers.Internal;
            yield return Readers.User(id);
        }
        // A service account has its organisation's key alone: what is internal to others is not its business.
        foreach (var organisation in caller.Organisations.Keys) yield return Readers.Organisation(organisation);
    }
}

/// <summary>The words that say who may read a repository. A repository has some, a caller has some; they overlap or they don't.</summary>
public static class Readers
{
    public const string Public = "public";
    public const string Internal = "internal";
    public static string User(Guid id) => $"user:{id}";
    public static string Organisation(Guid id) => $"org:{id}";

    /// <summary>Who may read a repository of this owner.</summary>
    public static IReadOnlyList<string> Of(Visibility visibility, OwnerKind kind, Guid ownerId, IEnumerable<Guid> grantees)
    {
        if (visibility == Visibility.Public) return [Public];
        var keys = new List<string> { kind == OwnerKind.User ? User(ownerId) : Organisation(ownerId) };
        keys.AddRange(grantees.Select(User));
        if (visibility == Visibility.Internal) keys.Add(Internal);
        return keys;
    }
}

public static class CallerOfRequest
{
    /// <summary>Who makes this request.</summary>
    /// <exception cref="InvalidOperationException">The route lets requests in without a token.</exception>
    public static Caller GetCaller(this HttpContext context) =>
        context.Features.Get<Caller>()
        ?? throw new InvalidOperationException($"{context.Request.Path} asks who calls, but its policy lets in requests without a token.");
}
