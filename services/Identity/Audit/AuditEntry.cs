namespace ZooPlatform.Identity.Audit;

/// <summary>One line of the audit trail: who did what to whom. Never changed, never deleted, never holds a secret.</summary>
internal sealed class AuditEntry
{
    public long Sequence { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>A user's id, <c>client:...</c>, <c>anonymous</c> or <c>system</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>For example <c>member.role-set</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The id or name of what it was done to.</summary>
    public required string Subject { get; init; }
    public string? Detail { get; init; }

    /// <summary>The caller's network address.</summary>
    public string? Address { get; init; }
}
