namespace ZooPlatform.Measure.Files;

internal static class MeasureFiles
{
    public static Task RunAsync(Report report, CancellationToken ct) => Task.CompletedTask;
}
