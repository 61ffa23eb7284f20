using System.Globalization;
using System.Text.Json;

namespace ZooPlatform.Measure;

/// <summary>Prints figures as they come, for people; or all of them at the end, as JSON.</summary>
internal sealed class Report
{
    private readonly bool _json;
    private readonly List<object> _figures = [];
    private readonly string _what;
    private readonly Machine _machine;

    public Report(string what, Machine machine, bool json)
    {
        (_what, _machine, _json) = (what, machine, json);
        Line($"measure {what}: {machine.Processor}, {machine.Cores} cores, {machine.MemoryGiB} GiB; {machine.System}; {machine.Runtime}; commit {machine.Commit}");
        if (machine.LoadBefore > 0.5) Line($"note: load was {machine.LoadBefore} before anything started; the figures are upper bounds");
    }

    /// <summary>Progress and remarks: stderr.</summary>
    public static void Say(string text) => Console.Error.WriteLine(text);

    /// <summary>One figure.</summary>
    /// <param name="aim">What was aimed at, in words; null: nothing.</param>
    public void Figure(string name, double value, string unit, string? aim = null)
    {
        _figures.Add(new { name, value, unit, aim });
        Line($"  {name,-52} {Number(value),12} {unit}{(aim is null ? "" : $"   (aim: {aim})")}");
    }

    /// <summary>Repeated measurements of one thing: median, extremes and the raw values.</summary>
    public void Samples(string name, IReadOnlyList<double> values, string unit, string? aim = null)
    {
        var sorted = values.Order().ToList();
        _figures.Add(new { name, median = At(sorted, 0.5), p99 = At(sorted, 0.99), min = sorted[0], max = sorted[^1], unit, aim, raw = values.Count <= 20 ? values : null });
        Line($"  {name,-52} {Number(At(sorted, 0.5)),12} {unit}   (min {Number(sorted[0])}, p99 {Number(At(sorted, 0.99))}, max {Number(sorted[^1])}, n {sorted.Count}{(aim is null ? "" : $"; aim: {aim}")})");
    }

    /// <summary>What is no number: a version, a setting, what was done.</summary>
    public void Note(string text)
    {
        _figures.Add(new { note = text });
        Line($"  {text}");
    }

    public void End()
    {
        if (_json) Console.WriteLine(JsonSerializer.Serialize(new { measure = _what, machine = _machine, figures = _figures }, JsonSerializerOptions.Web));
    }

    /// <summary>A quantile of sorted values, by the nearest rank.</summary>
    public static double At(IReadOnlyList<double> sorted, double quantile) =>
        sorted[Math.Clamp((int)Math.Ceiling(quantile * sorted.Count) - 1, 0, sorted.Count - 1)];

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "N0" : "0.###", CultureInfo.InvariantCulture);

    private void Line(string text)
    {
        if (!_json) Console.WriteLine(text);
    }
}
