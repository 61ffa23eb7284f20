using System.Globalization;
using System.Text;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value chosen by another one. The manifest cannot choose: it refers to a resource that holds the choice made.</summary>
internal sealed record ConditionalValue(IValueProvider Condition, string MatchValue, ReferenceExpression WhenTrue, ReferenceExpression WhenFalse)
    : IExpressionValue, IValueWithReferences
{
    /// <summary><c>cond-&lt;condition&gt;-&lt;8 hex digits of xxHash32 over all four texts&gt;</c></summary>
    public string Name
    {
        get
        {
            var condition = (Condition as IManifestExpressionProvider)?.ValueExpression ?? "";
            var hash = XxHash32.Of(Encoding.UTF8.GetBytes(
                condition + WhenTrue.ValueExpression + WhenFalse.ValueExpression + MatchValue));
            var readable = string.Concat(condition.Trim('{', '}')
                .Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-'));
            return string.Create(CultureInfo.InvariantCulture, $"cond-{readable}-{hash:x8}");
        }
    }

    public string ValueExpression => $"{{{Name}.connectionString}}";

    public IEnumerable<object> References => [Condition, WhenTrue, WhenFalse];

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        await (await ChooseAsync(cancellationToken)).GetValueAsync(cancellationToken);

    public async ValueTask<ReferenceExpression> ChooseAsync(CancellationToken cancellationToken) =>
        await Condition.GetValueAsync(cancellationToken) == MatchValue ? WhenTrue : WhenFalse;
}
