using ZooPlatform.Measure;
using ZooPlatform.Measure.Files;
using ZooPlatform.Measure.Kill;
using ZooPlatform.Measure.Search;
using ZooPlatform.Measure.Infer;
using ZooPlatform.Measure.Startup;

// ./zoo measure WHAT [--json]: prints machine, versions, raw figures, and a ratio to a peer in the same run.
var measures = new SortedDictionary<string, (string Says, Func<Report, CancellationToken, Task> RunAsync)>(StringComparer.Ordinal)
{
    ["startup"] = ("built tree to all healthy, and what all processes hold in memory when idle", MeasureStartup.RunAsync),
    ["infer"] = ("inference through the gateway beside the bare ONNX Runtime loop, and where the time goes", MeasureInfer.RunAsync),
    ["search"] = ("whether search finds what was meant; latency at 100,000 models beside Meilisearch asked directly", MeasureSearch.RunAsync),
    ["files get"] = ("1 GiB down through the gateway beside nginx with the same file", MeasureGet.RunAsync),
    ["files put"] = ("1 GiB of new bytes up, durable, beside docker-registry and sha256sum + copy + fsync", MeasurePut.RunAsync),
    ["files put-delta"] = ("1 GiB with 1 % changed in 50 places: bytes sent, time beside the full push", MeasureDelta.RunAsync),
    ["files pull"] = ("1 GiB by zoo pull beside curl; with 1 % changed in 50 places over the old version: bytes fetched, time", MeasurePull.RunAsync),
    ["kill"] = ("Artifact killed 3,000 times while clients push: is anything acknowledged lost?", MeasureKill.RunAsync),
    ["files small"] = ("5,000 files of 4 KiB up and down beside one request each", MeasureSmall.RunAsync),
    ["files memory"] = ("what Artifact and Gateway hold while 16 clients send and get 256 MiB each", MeasureMemory.RunAsync),
};

var asked = args.Where(argument => argument != "--json").ToArray();
var what = string.Join(' ', asked);
if (!measures.TryGetValue(what, out var measure))
{
    Console.Error.WriteLine(asked is [] ? "error: measure what?" : $"error: nothing here measures '{what}'");
    Console.Error.WriteLine("try:   ./zoo measure WHAT [--json], where WHAT is one of");
    foreach (var (name, (says, _)) in measures) Console.Error.WriteLine($"         {name,-14} {says}");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
var report = new Report(what, await Machine.ReadAsync(stop.Token), args.Contains("--json"));
await measure.RunAsync(report, stop.Token);
report.End();
return 0;
