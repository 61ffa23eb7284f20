namespace ZooPlatform.LocalOrchestrator.State;

/// <summary>Small files that a reader, or a power cut, must never find half written; readable by the owner only.</summary>
internal static class AtomicFile
{
    public static void Write(string path, byte[] content)
    {
        var temporary = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var file = new FileStream(temporary, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }
}
