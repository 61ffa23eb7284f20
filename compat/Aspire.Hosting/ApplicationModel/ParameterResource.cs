namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value the operator gives, or that is generated once for a run.</summary>
/// <remarks>Its value is looked up at first use and then stays the same.</remarks>
public class ParameterResource : Resource, IExpressionValue
{
    private readonly Lazy<string> _value;

    /// <param name="name">Its name.</param>
    /// <param name="callback">Gives the value; is handed <see cref="Default"/>.</param>
    /// <param name="secret">True keeps the value out of logs and pages.</param>
    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false) : base(name)
    {
        _value = new(() => callback(Default));
        Secret = secret;
    }

    public bool Secret { get; }

    public ParameterDefault? Default { get; set; }

    /// <summary>True when the value is a connection string, looked up under <c>ConnectionStrings</c>.</summary>
    public bool IsConnectionString { get; set; }

    public string ValueExpression => $"{{{Name}.{(IsConnectionString ? "connectionString" : "value")}}}";

    /// <exception cref="MissingParameterValueException">Nothing gives it a value.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => ValueTask.FromResult<string?>(_value.Value);
}

/// <summary>The value of a parameter that the operator does not give.</summary>
public abstract class ParameterDefault
{
    public abstract string GetDefaultValue();
}

/// <summary>The same value every time; the manifest shows it.</summary>
internal sealed class ConstantParameterDefault(Func<string> value) : ParameterDefault
{
    public override string GetDefaultValue() => value();
}
