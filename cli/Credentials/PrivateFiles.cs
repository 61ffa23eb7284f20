namespace ZooPlatform.Cli.Credentials;

/// <summary>Files that only this user may read.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Replaces the file as a whole; it never exists with another mode or half written.</summary>
    public static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, Mine | UnixFileMode.UserExecute);
        var temporary = $"{path}.{Guid.CreateVersion7():N}";
        using (var file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = Mine,
        }))
        using (var writer = new StreamWriter(file))
        {
            writer.Write(text);
        }
        File.Move(temporary, path, overwrite: true);
    }
}
