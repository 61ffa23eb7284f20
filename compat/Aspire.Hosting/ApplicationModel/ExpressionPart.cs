namespace Aspire.Hosting.ApplicationModel;

/// <summary>One piece of a <see cref="ReferenceExpression"/>: literal text, or a hole with the value that fills it.</summary>
/// <param name="Literal">The text; empty for a hole.</param>
/// <param name="Value">Fills the hole, and is an <see cref="IManifestExpressionProvider"/> too; null for literal text.</param>
internal sealed record ExpressionPart(string Literal, IValueProvider? Value)
{
    public static ExpressionPart Text(string literal) => new(literal, null);

    public static ExpressionPart Of<T>(T value) where T : IValueProvider, IManifestExpressionProvider => new("", value);

    /// <exception cref="FormatException">The format is not <c>uri</c>.</exception>
    public ExpressionPart Formatted(string? format) => format switch
    {
        null => this,
        _ when format.Equals("uri", StringComparison.OrdinalIgnoreCase) => UriEncoded(),
        _ => throw new FormatException($"An expression cannot be formatted as '{format}'. The one format is ':uri', which percent-encodes."),
    };

    public ExpressionPart UriEncoded() => Value switch
    {
        null => Text(Uri.EscapeDataString(Literal)),
        ReferenceExpression inner => Of(inner.UriEncoded()),
        UriEncodedValue => this,
        _ => Of(new UriEncodedValue(Value)),
    };
}

/// <summary>A percent-encoded value. In the manifest a parameter becomes a resource of its own, <c>name-uri-encoded</c>.</summary>
internal sealed record UriEncodedValue(IValueProvider Inner) : IExpressionValue, IValueWithReferences
{
    public static string NameFor(ParameterResource parameter) => $"{parameter.Name}-uri-encoded";

    public string ValueExpression => Inner is ParameterResource parameter
        ? $"{{{NameFor(parameter)}.value}}"
        : ((IManifestExpressionProvider)Inner).ValueExpression;

    public IEnumerable<object> References => [Inner];

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        await Inner.GetValueAsync(cancellationToken) is { } value ? Uri.EscapeDataString(value) : null;
}
