using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Capabilities;

internal abstract record RedeemOutcome
{
    /// <param name="Caller">Who they are, with what they may do now: the caller of the request from here on.</param>
    internal sealed record Good(Caller Caller, Repository Repository, Capability Capability) : RedeemOutcome;

    /// <summary>403: forged, expired, for something else, or its subject lost the right. Who asks learns no more.</summary>
    internal sealed record Refused : RedeemOutcome;

    /// <summary>404: its subject may not know of the repository any more.</summary>
    internal sealed record RepositoryUnknown : RedeemOutcome;
}

/// <summary>Checks a capability and finds what its subject may do now.</summary>
/// <remarks>1. Signature and expiry. 2. The verb; oid and part exactly, the size where the request tells one. 3. The subject's claims, at
/// Identity, kept for 3 s. 4. The repository among what they may see, and their role in it. So it ends within 5 s of the right.</remarks>
internal sealed class RedeemCapability(CapabilityKey key, Subjects subjects, ArtifactDb db, TimeProvider time)
{
    /// <param name="needed">The role in the repository; null: being able to read it is enough.</param>
    /// <param name="sizeBytes">What the request tells; null: nothing.</param>
    /// <exception cref="HttpRequestException">Identity is out of reach.</exception>
    public async Task<RedeemOutcome> RunAsync(string? text, string verb, Role? needed, CancellationToken ct,
        string? oid = null, long? sizeBytes = null, long? part = null)
    {
        // 1
        if (CapabilityText.Read(text, await key.GetAsync(ct)) is not { } capability || capability.ExpiresAt <= time.GetUtcNow().ToUnixTimeSeconds())
            return new RedeemOutcome.Refused();
        // 2
        if (capability.Verb != verb || capability.Oid != oid || capability.Part != part || (sizeBytes is not null && capability.SizeBytes != sizeBytes))
            return new RedeemOutcome.Refused();
        // 3
        if (await subjects.FindAsync(capability.Subject, capability.ClientId, ct) is not { } caller || !IssueCapability.MayHold(caller, verb))
            return new RedeemOutcome.Refused();
        if (capability.Narrow) caller = caller.NarrowedTo(capability.RepositoryId);
        // 4
        if (await db.FindAsync(caller, capability.RepositoryId, ct) is not { } repository) return new RedeemOutcome.RepositoryUnknown();
        return needed is null || repository.RoleOf(caller) >= needed ? new RedeemOutcome.Good(caller, repository, capability) : new RedeemOutcome.Refused();
    }
}
