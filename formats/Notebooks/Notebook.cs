namespace ZooPlatform.Formats.Notebooks;

/// <summary>A Jupyter notebook, read to be shown: nothing of it is run, and outputs that could act in a browser are left out.</summary>
/// <param name="Language">Of its code: <c>python</c>; null when it does not say.</param>
/// <param name="LeftOut">Cells and outputs past the limits; 0: all are here.</param>
public sealed record Notebook(string? Language, IReadOnlyList<NotebookCell> Cells, int LeftOut);

/// <param name="Kind"><c>markdown</c>, <c>code</c> or <c>raw</c>.</param>
/// <param name="Outputs">Of a code cell; else empty.</param>
public sealed record NotebookCell(string Kind, string Source, IReadOnlyList<NotebookOutput> Outputs);

/// <summary>Something a cell wrote: a text, or a picture.</summary>
/// <param name="Kind"><c>text</c>, <c>error</c>, <c>picture</c>, or <c>hidden</c>: of a type that is not shown, which <paramref name="Text"/> names.</param>
/// <param name="Text">Without terminal colours; a picture's description.</param>
/// <param name="Picture">Base64 of a PNG or JPEG file whose first bytes say so; null unless it is a picture.</param>
/// <param name="PictureType"><c>image/png</c> or <c>image/jpeg</c>.</param>
public sealed record NotebookOutput(string Kind, string Text, string? Picture = null, string? PictureType = null);
