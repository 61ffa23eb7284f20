namespace ZooPlatform.Contracts.Artifact;

/// <summary>A commit of changes upon the branch's head.</summary>
/// <param name="Branch"><c>main</c> when absent; made when it does not exist and <paramref name="ExpectedParent"/> is null.</param>
/// <param name="ExpectedParent">The head the caller saw; null: the branch is new. Another head is a conflict.</param>
/// <param name="Operations">At most 10,000.</param>
public sealed record CreateRevision(
    string Message, IReadOnlyList<FileOperation> Operations, string? ExpectedParent = null, string Branch = "main");

/// <summary>Puts or deletes one file.</summary>
/// <param name="Path">Relative, <c>/</c>-separated.</param>
/// <param name="Sha256">The blob the path shall hold; null deletes the path.</param>
public sealed record FileOperation(string Path, string? Sha256 = null, bool Executable = false);

/// <param name="Id">The id git gives the same commit.</param>
/// <param name="Number">1, 2, ... in the order of the repository's commits; stands for the id wherever a revision is named.</param>
/// <param name="FileCount">Files in the whole snapshot.</param>
/// <param name="SizeBytes">Sum of their sizes.</param>
public sealed record RevisionView(
    string Id, string? Parent, string Tree, string Message, string Author, DateTimeOffset CreatedAt, int FileCount, long SizeBytes, int Number = 0);

/// <param name="Kind"><c>file</c> or <c>folder</c>.</param>
/// <param name="Lfs">Git sees a pointer here (large or binary content).</param>
public sealed record TreeEntryView(string Path, string Kind, string? Sha256, long SizeBytes, bool Executable, bool Lfs, string GitId);

/// <summary>A branch, a tag or an alias.</summary>
/// <param name="Message">Why it points there, when somebody said so.</param>
public sealed record RefView(string Name, string Revision, DateTimeOffset UpdatedAt, string? Message = null);

/// <param name="Revision">Where it shall point.</param>
/// <param name="ExpectedRevision">Where the caller saw it point; null: it is new.</param>
/// <param name="Message">Of tags and aliases: why. At most 1,000 characters.</param>
public sealed record SetRef(string Revision, string? ExpectedRevision = null, string? Message = null);

/// <summary>An alias was set, moved or deleted.</summary>
/// <param name="From">Null: it was new.</param>
/// <param name="To">Null: it was deleted.</param>
public sealed record AliasMoveView(string? From, string? To, string MovedBy, DateTimeOffset MovedAt, string? Message);

/// <summary>A page of what differs between two revisions.</summary>
/// <param name="Items">By path, at most as many as asked for: a renamed file is one of them, and stands at its new path.</param>
/// <param name="From">The older one's id; null: <paramref name="To"/> has no parent, and all its files were added.</param>
public sealed record DiffPage(string? From, string To, IReadOnlyList<FileDifferenceView> Items, string? Next = null);

/// <param name="Kind"><c>added</c>, <c>removed</c>, <c>changed</c> or <c>renamed</c>.</param>
/// <param name="OldPath">Of a renamed file.</param>
public sealed record FileDifferenceView(
    string Kind, string Path, string? OldPath, string? OldSha256, string? NewSha256, long? OldSizeBytes, long? NewSizeBytes);

/// <summary>Takes a revision back.</summary>
/// <param name="ExpectedParent">The branch's head that the caller saw.</param>
/// <param name="Message"><c>Undo N: ...</c> when absent.</param>
public sealed record UndoRevisionOf(string Revision, string ExpectedParent, string Branch = "main", string? Message = null);

/// <summary>Makes one revision of a branch's history.</summary>
/// <param name="ExpectedRevision">The branch's head that the caller saw.</param>
/// <param name="Onto">The ancestor that stays as parent; null: none.</param>
public sealed record SquashHistory(string Message, string ExpectedRevision, string? Onto = null);
