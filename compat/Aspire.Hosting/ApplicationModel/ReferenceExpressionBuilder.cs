namespace Aspire.Hosting.ApplicationModel;

/// <summary>Builds a <see cref="ReferenceExpression"/> piece by piece.</summary>
public class ReferenceExpressionBuilder
{
    private readonly List<ExpressionPart> _parts = [];

    public bool IsEmpty => _parts.Count == 0;

    public void AppendLiteral(string value) => _parts.Add(ExpressionPart.Text(value));

    public void AppendFormatted(string? value) => _parts.Add(ExpressionPart.Text(value ?? ""));

    public void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider =>
        _parts.Add(ExpressionPart.Of(valueProvider));

    public ReferenceExpression Build() => new([.. _parts]);
}
