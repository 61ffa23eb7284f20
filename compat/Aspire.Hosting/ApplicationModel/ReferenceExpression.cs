using System.Globalization;
using System.Runtime.CompilerServices;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Text with holes that resources fill: a connection string, a URL. Written as an interpolated string.</summary>
/// <remarks>A hole takes one format, <c>:uri</c>, which percent-encodes what fills it.</remarks>
public class ReferenceExpression : IExpressionValue, IValueWithReferences
{
    /// <summary>The expression without text.</summary>
    public static readonly ReferenceExpression Empty = new([]);

    private readonly IReadOnlyList<ExpressionPart> _parts;
    private readonly ConditionalValue? _condition;

    internal ReferenceExpression(IReadOnlyList<ExpressionPart> parts)
    {
        _parts = parts;
        ValueProviders = [.. parts.Where(part => part.Value is not null).Select(part => part.Value!)];
        ManifestExpressions = [.. ValueProviders.Select(value => ((IManifestExpressionProvider)value).ValueExpression)];
        var hole = 0;
        Format = string.Concat(parts.Select(part => part.Value is null
            ? DoubleBraces(part.Literal)
            : string.Create(CultureInfo.InvariantCulture, $"{{{hole++}}}")));
    }

    private ReferenceExpression(ConditionalValue condition) : this([ExpressionPart.Of(condition)])
    {
        _condition = condition;
    }

    /// <summary>A composite format string: literal braces doubled, a number for each of <see cref="ValueProviders"/>.</summary>
    public string Format { get; }

    public IReadOnlyList<IValueProvider> ValueProviders { get; }

    /// <summary>What the manifest shows for each of <see cref="ValueProviders"/>.</summary>
    public IReadOnlyList<string> ManifestExpressions { get; }

    public string ValueExpression => string.Concat(_parts.Select(part => part.Value is null
        ? DoubleBraces(part.Literal)
        : ((IManifestExpressionProvider)part.Value).ValueExpression));

    IEnumerable<object> IValueWithReferences.References => ValueProviders;

    /// <summary>Null when the expression is <see cref="Empty"/> or its only hole has no value.</summary>
    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken)
    {
        if (_parts is [{ Value: { } only }])
        {
            return await only.GetValueAsync(cancellationToken);
        }

        if (_parts.Count == 0)
        {
            return null;
        }

        var text = new System.Text.StringBuilder();
        foreach (var part in _parts)
        {
            text.Append(part.Value is null ? part.Literal : await part.Value.GetValueAsync(cancellationToken));
        }

        return text.ToString();
    }

    ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetValueAsync(cancellationToken);

    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.ToExpression();

    /// <summary>One of two expressions, chosen by what <paramref name="condition"/> says when it is asked.</summary>
    public static ReferenceExpression CreateConditional(IValueProvider condition, string matchValue,
        ReferenceExpression whenTrue, ReferenceExpression whenFalse) =>
        new(new ConditionalValue(condition, matchValue, whenTrue, whenFalse));

    /// <summary>The same text, percent-encoded piece by piece.</summary>
    internal ReferenceExpression UriEncoded() =>
        _condition is { } condition
            ? new(condition with { WhenTrue = condition.WhenTrue.UriEncoded(), WhenFalse = condition.WhenFalse.UriEncoded() })
            : new([.. _parts.Select(part => part.UriEncoded())]);

    private static string DoubleBraces(string literal) => literal.Replace("{", "{{").Replace("}", "}}");

    /// <summary>Collects what the compiler finds between <c>$"</c> and <c>"</c>.</summary>
    [InterpolatedStringHandler]
    public ref struct ExpressionInterpolatedStringHandler
    {
        private readonly List<ExpressionPart> _parts;

        public ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
        {
            _ = literalLength;
            _parts = new(formattedCount * 2 + 1);
        }

        public readonly void AppendLiteral(string value) => _parts.Add(ExpressionPart.Text(value));

        public readonly void AppendFormatted(string? value) => AppendFormatted(value, format: null);

        public readonly void AppendFormatted(string? value, string? format = null) =>
            _parts.Add(ExpressionPart.Text(value ?? "").Formatted(format));

        public readonly void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider =>
            AppendFormatted(valueProvider, format: null);

        public readonly void AppendFormatted<T>(T valueProvider, string? format = null) where T : IValueProvider, IManifestExpressionProvider =>
            _parts.Add(ExpressionPart.Of(valueProvider).Formatted(format));

        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider, format: null);

        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null)
            where T : IResource, IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider.Resource, format);

        internal readonly ReferenceExpression ToExpression() => new(_parts);
    }
}
