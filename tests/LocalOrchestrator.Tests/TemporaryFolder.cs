namespace ZooPlatform.LocalOrchestrator.Tests;

/// <summary>A folder that goes when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("zoo-test-").FullName;

    public void Dispose()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
                return;
            }
            catch (IOException) when (tries < 100)
            {
                SpinWait.SpinUntil(() => false, 50);   // a killed initdb's last child may still be writing
            }
        }
    }
}
