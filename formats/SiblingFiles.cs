namespace ZooPlatform.Formats;

/// <summary>Size in bytes of the file at <paramref name="path"/> in the same revision, or null when there is none.</summary>
/// <param name="path">From the repository's root, plain segments with <c>/</c>.</param>
public delegate long? SiblingFiles(string path);
