namespace ZooPlatform.Contracts;

/// <summary>One page of a list.</summary>
/// <param name="Items">At most <c>limit</c> items, in the list's order.</param>
/// <param name="Next">What to send as <c>after</c> for the next page; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next = null);

/// <summary>An RFC 9457 answer, as every refusal of <c>/api/v1</c> has it.</summary>
/// <param name="Type"><c>urn:zoo:...</c>; stable, never renamed.</param>
/// <param name="Detail">What happened, to what, and what to do next.</param>
/// <param name="TraceId">What an operator finds this request by.</param>
public sealed record ProblemView(
    string? Type = null, string? Title = null, int? Status = null, string? Detail = null, string? Instance = null,
    string? TraceId = null, IReadOnlyDictionary<string, string[]>? Errors = null);
