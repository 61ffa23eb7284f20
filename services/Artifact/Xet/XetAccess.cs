using ZooPlatform.Artifact.Capabilities;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Xet;

/// <summary>Who a request under <c>/xet</c> is from, and about which repository: its bearer is a capability, which the gateway hands over.</summary>
/// <remarks>A 401 is final to the native client, which asks for a new token by the clock alone: so one is refused with 401 only when no token of
/// ours would help, and a token is good until the moment it says.</remarks>
internal sealed class XetAccess(RedeemCapability redeem)
{
    private const string Header = "X-Zoo-Capability";

    internal sealed record Granted(Caller Caller, Repository Repository);

    /// <summary>For what reads: tokens that write can read.</summary>
    public async Task<(Granted? Granted, IResult? Refusal)> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        var outcome = Outcome(await redeem.RunAsync(TokenOf(request), Verbs.XetRead, null, ct));
        if (outcome.Granted is not null || TokenOf(request) is null) return outcome;
        return Outcome(await redeem.RunAsync(TokenOf(request), Verbs.XetWrite, null, ct)) is { Granted: not null } writes ? writes : outcome;
    }

    public async Task<(Granted? Granted, IResult? Refusal)> WriteAsync(HttpRequest request, CancellationToken ct)
    {
        var outcome = Outcome(await redeem.RunAsync(TokenOf(request), Verbs.XetWrite, Role.Contributor, ct));
        if (outcome.Granted is not null) return outcome;
        return await ReadAsync(request, ct) is { Granted: not null } ? (null, XetProblems.NotAllowed) : outcome;
    }

    private static string? TokenOf(HttpRequest request) => request.Headers[Header] is [{ Length: > 0 } text] ? text : null;

    private static (Granted? Granted, IResult? Refusal) Outcome(RedeemOutcome outcome) => outcome switch
    {
        RedeemOutcome.Good good => (new Granted(good.Caller, good.Repository), null),
        RedeemOutcome.RepositoryUnknown => (null, XetProblems.RepositoryUnknown),
        _ => (null, XetProblems.TokenMissing),
    };
}
