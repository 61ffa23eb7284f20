namespace ZooPlatform.Formats.Onnx;

/// <summary>File names that stand inside a model.</summary>
internal static class ExternalPath
{
    /// <summary>True for a relative path of plain segments: no root, drive, back-slash, <c>.</c>, <c>..</c>, wildcard or control character.</summary>
    public static bool IsPlain(string path) =>
        path.Length is > 0 and <= 1024
        && path.AsSpan().IndexOfAny("\\:*?\uFFFD") < 0
        && !path.Any(char.IsControl)
        && path.Split('/').All(segment => segment.Trim() is not ("" or "." or ".."));

    /// <summary>Path in the repository of a file that lies beside (or below) the model.</summary>
    public static string Beside(string modelPath, string path)
    {
        var slash = modelPath.LastIndexOf('/');
        return slash < 0 ? path : $"{modelPath[..slash]}/{path}";
    }
}
