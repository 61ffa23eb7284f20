using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Benchmark.Worker;

/// <summary>One sample set, read: what to feed and what to expect.</summary>
internal sealed record SampleData(string Name, IReadOnlyList<Tensor> Inputs, IReadOnlyList<Tensor> Expected)
{
    /// <summary>Reads a set's tensors. They carry names; one that the model does not know is taken by its place, as the ONNX project's runner does.</summary>
    /// <exception cref="InvalidDataException">A file holds no tensor, or there are more than the model has.</exception>
    public static SampleData Read(SampleSet set, ModelSession session) =>
        new(set.Name, Read(set.Inputs, session.Inputs), Read(set.Outputs, session.Outputs));

    /// <summary>Runs every set and compares its outputs; null when no set has expected ones.</summary>
    public static Accuracy? Compare(IReadOnlyList<SampleData> sets, ModelSession session, Measure measure)
    {
        var compared = sets.Where(set => set.Expected.Count > 0).ToList();
        if (compared.Count == 0)
        {
            return null;
        }

        var total = new Accuracy(true, compared.Count, 0, 0, 0, 0, null);
        foreach (var set in compared)
        {
            using var run = session.Bind(set.Inputs, [.. set.Expected.Select(tensor => tensor.Name)]);
            run.Run();
            foreach (var (expected, found) in set.Expected.Zip(run.Read()))
            {
                var comparison = TensorComparison.Compare(expected, found, measure.RelativeTolerance, measure.AbsoluteTolerance);
                total = new Accuracy(
                    total.Passed && comparison.Matches,
                    total.Sets,
                    total.Elements + comparison.Elements,
                    total.Mismatches + comparison.Mismatches,
                    Math.Max(total.MaxAbsoluteDifference, comparison.MaxAbsoluteDifference),
                    Math.Max(total.MaxRelativeDifference, comparison.MaxRelativeDifference),
                    total.Message ?? (comparison.Matches ? null : Describe(set, expected, comparison)));
            }
        }

        return total;
    }

    private static string Describe(SampleData set, Tensor expected, TensorComparison comparison) =>
        comparison.Difference is { } difference
            ? $"{set.Name}, output '{expected.Name}': {difference}"
            : $"{set.Name}, output '{expected.Name}': {comparison.Mismatches} of {comparison.Elements} elements are outside the tolerances";

    private static List<Tensor> Read(IReadOnlyList<string> files, IReadOnlyList<ValueSpec> values)
    {
        var known = values.Select(value => value.Name).ToHashSet(StringComparer.Ordinal);
        var tensors = new List<Tensor>(files.Count);
        foreach (var file in files)
        {
            var tensor = TensorFile.Read(File.ReadAllBytes(file));
            tensors.Add(known.Contains(tensor.Name) ? tensor
                : tensors.Count < values.Count ? tensor.Named(values[tensors.Count].Name)
                : throw new InvalidDataException($"'{file}' is one tensor more than the model has."));
        }

        return tensors;
    }
}
