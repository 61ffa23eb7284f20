using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Artifact;

/// <summary>Every refusal of Artifact: what happened, to what, and what to do next. Types are API.</summary>
internal static class ArtifactProblems
{
    public static ProblemHttpResult RepositoryUnknown(string owner, string name) => Problem.Of(404, "repository.unknown",
        $"There is no repository '{Shown(owner)}/{Shown(name)}' that you can see. Check the name; if it is private, sign in as somebody who may read it.");

    public static ProblemHttpResult RoleNeeded(Role needed, string owner, string name) => Problem.Of(403, "repository.role-needed",
        $"This needs the role {needed.ToString().ToLowerInvariant()} in {Shown(owner)}/{Shown(name)}, which you do not have. Ask an owner of it.");

    public static ProblemHttpResult NameInvalid(string name, string refusal) => Problem.Of(422, "repository.name-invalid",
        $"'{Shown(name)}' cannot name a repository: it {refusal}. Use letters, digits, '.', '_' and '-', at most 96, such as mobilenet-v2-int8.");

    public static ProblemHttpResult DescriptionTooLong(int maxChars) => Problem.Of(422, "repository.description-too-long",
        $"A description has at most {maxChars} characters. Put longer text into the card, README.md.");

    public static ProblemHttpResult NameTaken(string owner, string name) => Problem.Of(409, "repository.name-taken",
        $"{Shown(owner)} has a repository '{name}' already (case does not count). Choose another name, or push to that one.");

    public static ProblemHttpResult NameRetired(string owner, string name) => Problem.Of(409, "repository.name-retired",
        $"'{Shown(owner)}/{name}' was a repository of another owner once, and a name never passes on. Choose another name.");

    public static ProblemHttpResult OwnerNotYours(string owner) => Problem.Of(403, "owner.not-yours",
        $"You cannot put repositories under '{Shown(owner)}'. Use your own user name, or an organisation in which you are at least contributor; to move one there, owner.");

    public static ProblemHttpResult UserUnknown(string user) => Problem.Of(404, "user.unknown",
        $"There is no user '{Shown(user)}'. Grants are for users, by user name; members of an organisation are set at the organisation.");

    public static ProblemHttpResult HashInvalid(string sha256) => Problem.Of(422, "blob.hash-invalid",
        $"'{Shown(sha256)}' is no SHA-256. Send exactly 64 lower-case hexadecimal digits.");

    public static ProblemHttpResult HashMismatch(string declared, string actual, long sizeBytes) => Problem.Of(422, "blob.hash-mismatch",
        $"The {sizeBytes} bytes that arrived have SHA-256 {actual}, not {declared}. Nothing was stored. Hash the file again and send it anew.");

    public static ProblemHttpResult SizeInvalid(long sizeBytes) => Problem.Of(422, "blob.size-invalid",
        $"A blob cannot have {sizeBytes} bytes. Send the file's size, 0 or more.");

    public static ProblemHttpResult BlobTooLarge => Problem.Of(413, "blob.too-large",
        "The file is larger than this zoo takes. Split it (ONNX: store the weights as external data), or ask the operator to raise Artifact:MaxBlobBytes.");

    public static ProblemHttpResult OverQuota(long usedBytes, long limitBytes) => Problem.Of(507, "quota.exceeded",
        $"The owner of this repository may hold {limitBytes} bytes, and this would make it {usedBytes}. Delete repositories or squash histories (freed after the grace), or ask the administrator for more.",
        new Dictionary<string, object?> { ["usedBytes"] = usedBytes, ["limitBytes"] = limitBytes });

    public static ProblemHttpResult SweepUnknown => Problem.Of(404, "storage.sweep-unknown",
        "No sweep of that id is known; the last 50 are. Begin one: POST /api/v1/storage/gc.");

    public static ProblemHttpResult OwnerUnknown(string owner) => Problem.Of(404, "owner.unknown",
        $"There is no owner '{Shown(owner)}' whose storage you can see. Use your own user name, or an organisation that you are a member of.");

    public static ProblemHttpResult QuotaInvalid => Problem.Of(422, "quota.invalid",
        "A quota is 0 bytes or more, or null for no limit.");

    public static ProblemHttpResult ListingsBusy => Problem.Of(503, "archive.busy",
        "Too many archives of many files are being sent just now. Try again in a little while, or fetch the files themselves.");

    public static ProblemHttpResult EncodedBody => Problem.Of(415, "blob.encoded-body",
        "The body has a Content-Encoding, but blobs are taken as they are. Send the bytes themselves.");

    public static ProblemHttpResult TooManyBlobs(int count, int max) => Problem.Of(422, "blob.too-many-asked",
        $"{count} blobs were asked about at once; ask about at most {max} and repeat.");

    public static ProblemHttpResult BlobsMissing(IReadOnlyList<string> hashes) => Problem.Of(422, "blob.missing",
        $"{hashes.Count} of the blobs are not there for this repository, first {hashes[0]}. Upload them to it (POST .../blobs/missing says which), then commit again.",
        new Dictionary<string, object?> { ["missing"] = hashes.Take(1000).ToList() });

    public static ProblemHttpResult BlobDamaged(string path) => Problem.Of(500, "blob.damaged",
        $"The stored bytes of '{path}' are damaged, so they are not served. Push the file again to mend it, or tell the operator.");

    public static ProblemHttpResult BlobLost => Problem.Of(500, "blob.damaged",
        "The stored bytes of this are damaged, so they are not served. Push the file again to mend it, or tell the operator.");

    public static ProblemHttpResult StoreUnreachable => Problem.Of(503, "store.unreachable",
        "The object store that holds the zoo's files cannot be used just now. Nothing half was stored, and uploads keep what they have. Try again in a few seconds.");

    public static ProblemHttpResult UploadUnknown(Guid id) => Problem.Of(404, "upload.unknown",
        $"There is no upload {id} of yours. It may have been idle for too long; create a new one.");

    public static ProblemHttpResult UploadBusy(Guid id) => Problem.Of(409, "upload.busy",
        $"Another request is working on upload {id}. Wait for it, then ask for the offset and continue there.");

    public static ProblemHttpResult OffsetMissing(string header) => Problem.Of(400, "upload.offset-missing",
        $"The header {header} is missing or no number. Send how many bytes of the upload come before this body; HEAD tells it.");

    public static ProblemHttpResult OffsetWrong(Guid id, long sent, long durable) => Problem.Of(409, "upload.offset-wrong",
        $"Upload {id} holds {durable} bytes, but this body was to begin at {sent}. Continue at {durable}.", Offset(durable));

    public static ProblemHttpResult UploadTooLong(Guid id, long sizeBytes, long durable) => Problem.Of(422, "upload.too-long",
        $"Upload {id} was declared with {sizeBytes} bytes and this body goes beyond. {durable} bytes are kept; if the file grew, create a new upload.", Offset(durable));

    public static ProblemHttpResult UploadIncomplete(Guid id, long sizeBytes, long durable) => Problem.Of(409, "upload.incomplete",
        $"Upload {id} holds {durable} of {sizeBytes} bytes. Send the rest from {durable} on, then complete it.", Offset(durable));

    public static ProblemHttpResult PartOutside(Guid id, long sizeBytes, long offset) => Problem.Of(422, "upload.part-outside",
        $"Upload {id} was declared with {sizeBytes} bytes, and a part that begins at {offset} goes beyond. Send parts that lie within; if the file grew, create a new upload.");

    public static ProblemHttpResult ChunksUnreadable(int max) => Problem.Of(400, "upload.chunks-unreadable",
        $"The body is no list of chunks. Send at most {max}, each as 32 bytes of hash and 4 bytes of size (little-endian, 1 to 131072).");

    public static ProblemHttpResult BatchUnreadable(int blobs) => Problem.Of(400, "blob.batch-unreadable",
        $"The batch cannot be read after {blobs} blobs. Send netstrings: each blob's size in decimal, ':', its bytes, ','. Nothing of it was stored.");

    public static ProblemHttpResult BatchTooLarge(int maxBlobs, int maxBlobBytes, long maxBytes) => Problem.Of(413, "blob.batch-too-large",
        $"A batch takes {maxBlobs} blobs of at most {maxBlobBytes} bytes, {maxBytes} bytes together. Nothing of it was stored; send several, and larger blobs as uploads.");

    public static ProblemHttpResult TooManyPaths(int count, int max) => Problem.Of(422, "file.too-many-asked",
        $"{count} files were asked for at once; ask for 1 to {max} and repeat.");

    public static ProblemHttpResult RevisionUnknown(string revision) => Problem.Of(404, "revision.unknown",
        $"There is no branch, tag, alias or revision '{Shown(revision)}' in this repository. GET .../branches, .../tags and .../aliases list what there is.");

    public static ProblemHttpResult HeadMoved(string branch, string? head) => Problem.Of(409, "revision.head-moved", head is null
            ? $"The branch {branch} does not exist, so it has no such parent. Leave expectedParent out to begin it."
            : $"The branch {branch} is at {head} now, not where you expected it. Read it, apply your changes to it, and commit with expectedParent {head}.",
        new Dictionary<string, object?> { ["head"] = head });

    public static ProblemHttpResult MessageInvalid(int maxBytes) => Problem.Of(422, "revision.message-invalid",
        $"A revision needs a message: 1 to {maxBytes} bytes of text without NUL. Say what changed.");

    public static ProblemHttpResult TooManyOperations(int count, int max) => Problem.Of(422, "revision.too-many-operations",
        $"A revision takes 1 to {max} operations, not {count}. Split it into several.");

    public static ProblemHttpResult TooManyFiles(int count, int max) => Problem.Of(422, "revision.too-many-files",
        $"The revision would hold {count} files; this zoo takes {max}. Pack small files into archives, or use several repositories.");

    public static ProblemHttpResult PathInvalid(string path, string refusal) => Problem.Of(422, "path.invalid",
        $"The path '{Shown(path)}' {refusal}. Nothing was committed; rename it and commit again.");

    public static ProblemHttpResult PathTwice(string path) => Problem.Of(422, "path.twice",
        $"The path '{path}' is in two operations. Name each path once.");

    public static ProblemHttpResult FileUnknown(string path, string revision) => Problem.Of(404, "file.unknown",
        $"There is no file '{Shown(path)}' in revision '{Shown(revision)}'. GET .../tree/{{revision}} lists what there is.");

    public static ProblemHttpResult FolderUnknown(string path) => Problem.Of(404, "folder.unknown",
        $"There is no folder '{Shown(path)}' in this revision. Leave path out to list the root.");

    public static ProblemHttpResult UndoConflict(string revision, IReadOnlyList<string> paths) => Problem.Of(409, "revision.undo-conflict",
        $"'{Shown(revision)}' cannot be taken back: later revisions touched {paths.Count} of its files, first '{Shown(paths[0])}'. Take those back first, or commit what you want the files to be.",
        new Dictionary<string, object?> { ["paths"] = paths.Take(1000).ToList() });

    public static ProblemHttpResult NoAncestor(string revision, string branch) => Problem.Of(422, "revision.no-ancestor",
        $"'{Shown(revision)}' is not in the history of the branch {branch}, or its very head. Name a revision before the head, or leave 'onto' out.");
    public static ProblemHttpResult ArchiveFormatUnknown(string archive) => Problem.Of(404, "archive.format-unknown",
        $"'{Shown(archive)}' names no archive. Ask for <revision>.tar, <revision>.tar.gz or <revision>.zip, such as main.zip.");

    public static ProblemHttpResult ArchiveWithoutModel(string folder) => Problem.Of(404, "archive.no-model",
        $"There is no model.onnx in {(folder.Length == 0 ? "the root of this revision" : $"'{Shown(folder)}'")}. Name its folder with path=, or take the whole revision: .../archive/<revision>.tar.gz.");

    public static ProblemHttpResult RefInvalid(string name, string refusal) => Problem.Of(422, "ref.name-invalid",
        $"'{Shown(name)}' cannot name a branch, tag or alias: it {refusal}.");

    public static ProblemHttpResult RefUnknown(string name) => Problem.Of(404, "ref.unknown",
        $"There is no such branch, tag or alias '{Shown(name)}' here. GET .../branches, .../tags and .../aliases list what there is.");

    public static ProblemHttpResult RefMoved(string name, string? revision) => Problem.Of(409, "ref.moved", revision is null
            ? $"'{name}' does not exist any more. Leave expectedRevision out to create it."
            : $"'{name}' points at {revision}, not where you expected it. Send expectedRevision {revision} to move it from there.",
        new Dictionary<string, object?> { ["revision"] = revision });

    public static ProblemHttpResult RefKindTaken(string name) => Problem.Of(409, "ref.kind-taken",
        $"'{name}' names something of another kind: branches, tags and aliases share their names. Choose another name.");

    public static ProblemHttpResult RefMessageTooLong(int maxChars) => Problem.Of(422, "ref.message-too-long",
        $"The message of a tag or alias has at most {maxChars} characters. Say it shorter.");

    public static ProblemHttpResult MainStays => Problem.Of(409, "ref.main-stays",
        "The branch main cannot be deleted: it is what everybody sees first. Delete the repository, or commit a deletion of its files.");

    private static Dictionary<string, object?> Offset(long bytes) => new() { ["offsetBytes"] = bytes };

    /// <summary>What a caller sent, fit to be shown: short and without characters that could play tricks.</summary>
    private static string Shown(string text)
    {
        var cut = text.Length > 120 ? text[..120] + "..." : text;
        return string.Concat(cut.Select(c => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.Surrogate ? '?' : c));
    }
}
