namespace ZooPlatform.Contracts.Feeds;

/// <summary>An answer of <c>GET /internal/changes</c>.</summary>
/// <param name="Feed">The feed's identity; another one (after a restore) means: start again at 0.</param>
/// <param name="Next">What to send as <c>after</c> next.</param>
/// <param name="Items">In order of commit; each subject at most once, in its newest state.</param>
public sealed record ChangePage<TState>(Guid Feed, long Next, IReadOnlyList<Change<TState>> Items) where TState : class;

/// <summary>One subject and what it is now.</summary>
/// <param name="State">The subject's current state; null when it is deleted.</param>
public sealed record Change<TState>(long Sequence, Guid Subject, string Kind, bool Deleted, TState? State) where TState : class;
