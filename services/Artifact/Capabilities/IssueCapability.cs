using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Capabilities;

/// <summary>Signs a capability. Whether the caller may do the thing is for the route to settle before; one who may only read never gets
/// one that changes something.</summary>
internal sealed class IssueCapability(CapabilityKey key, TimeProvider time)
{
    /// <param name="oid">The only blob it shall be good for, with <paramref name="sizeBytes"/> and <paramref name="part"/> of it.</param>
    /// <exception cref="InvalidOperationException">The verb is beyond the caller's scopes.</exception>
    public async Task<string> RunAsync(Caller caller, Guid repositoryId, string verb, TimeSpan life, CancellationToken ct,
        string? oid = null, long? sizeBytes = null, long? part = null, string? reference = null)
    {
        if (!MayHold(caller, verb)) throw new InvalidOperationException($"{caller.Subject} has no scope for {verb}; the route should have refused them.");
        var capability = new Capability(caller.Subject, caller.ClientId, repositoryId, verb, oid, sizeBytes, part, reference,
            caller.OnlyRepositories is not null, (time.GetUtcNow() + life).ToUnixTimeSeconds());
        return CapabilityText.Write(capability, await key.GetAsync(ct));
    }

    /// <summary>May a caller with these scopes hold a capability of this verb at all?</summary>
    public static bool MayHold(Caller caller, string verb) => Verbs.Writes(verb)
        ? caller.ActorId is not null && caller.Scopes.Contains(Scopes.Write)
        : caller.IsAnonymous || caller.Scopes.Contains(Scopes.Read);
}
