using System.Text.Json;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Formats;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Web.Pages;

/// <summary>A request of the Open Inference Protocol that works as it stands: each input full of zeros, open dimensions 1.</summary>
internal static class InferExample
{
    /// <summary>More zeros tell nobody anything.</summary>
    private const int MostElements = 64;

    /// <summary>The request's body; null when an input is too large, of unknown rank, or of a type that JSON does not carry as numbers.</summary>
    public static string? BodyFor(ModelFileView file)
    {
        var tensors = file.Inspection!.Inputs.Select(Tensor).ToList();
        return tensors.Contains(null) ? null : $$"""{"inputs":[{{string.Join(',', tensors)}}]}""";
    }

    private static string? Tensor(ValueFacts input)
    {
        if (input is not { Kind: "tensor", Shape: { } dimensions } || !Enum.TryParse<ElementType>(input.Type, ignoreCase: true, out var type)
            || type is ElementType.BFloat16 or ElementType.Bool || type.Bits() == 0 || type.OpenInferenceName() is not { } datatype) return null;
        var shape = dimensions.Select(dimension => dimension.Length is > 0 and var length ? length : 1).ToList();
        var elements = shape.Aggregate(1L, (product, length) => Math.Min(product * Math.Min(length, MostElements + 1), MostElements + 1));
        if (elements > MostElements) return null;
        // A quote in a name would end the shell's text.
        var name = JsonSerializer.Serialize(input.Name).Replace("'", "\\u0027", StringComparison.Ordinal);
        return $$"""{"name":{{name}},"datatype":"{{datatype}}","shape":[{{string.Join(',', shape)}}],"data":[{{string.Join(',', Enumerable.Repeat(0, (int)elements))}}]}""";
    }
}
