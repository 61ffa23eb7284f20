using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Adds what the operator may say. Unless the AppHost states it, a value is looked up as <c>Parameters:name</c>, also with
/// <c>_</c> for <c>-</c>.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>A parameter that the configuration must give.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddResource(Create(builder, name, secret, byDefault: null));

    /// <summary>A parameter whose value the AppHost states; <paramref name="publishValueAsDefault"/> shows the value in the manifest.</summary>
    /// <exception cref="ArgumentException">A secret would be shown in the manifest.</exception>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, string value,
        bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddParameter(name, () => value, publishValueAsDefault, secret);

    /// <inheritdoc cref="AddParameter(IDistributedApplicationBuilder, string, string, bool, bool)"/>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter,
        bool publishValueAsDefault = false, bool secret = false)
    {
        if (publishValueAsDefault && secret)
        {
            throw new ArgumentException($"The parameter '{name}' is secret, so its value cannot be published as its default.", nameof(secret));
        }

        var resource = new ParameterResource(name, _ => valueGetter(), secret)
        {
            Default = publishValueAsDefault ? new ConstantParameterDefault(valueGetter) : null,
        };
        return builder.AddResource(resource);
    }

    /// <summary>A parameter that is generated when nobody gives it.</summary>
    /// <remarks><paramref name="persist"/> asks that it stays the same in later runs: here the orchestrator keeps every generated value.</remarks>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, ParameterDefault value,
        bool secret = false, bool persist = false)
    {
        _ = persist;
        return builder.AddResource(Create(builder, name, secret, value));
    }

    /// <summary>A parameter looked up under a key of its own.</summary>
    public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(this IDistributedApplicationBuilder builder, string name,
        string configurationKey, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, _ => builder.Configuration[configurationKey] ?? throw Missing(name, configurationKey), secret));

    /// <summary>A connection string that the configuration must give, as <c>ConnectionStrings:name</c>.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(this IDistributedApplicationBuilder builder, string name,
        string? environmentVariableName = null)
    {
        var parameter = new ParameterResource(name,
            _ => builder.Configuration.GetConnectionString(name) ?? throw Missing(name, $"ConnectionStrings:{name}"), secret: true)
        {
            IsConnectionString = true,
        };
        builder.AddResource(parameter);
        return builder.CreateResourceBuilder<IResourceWithConnectionString>(new ParameterConnectionString(parameter, environmentVariableName));
    }

    /// <summary>A generated password. It is not added to the model; the manifest gets it where it is first used.</summary>
    public static ParameterResource CreateDefaultPasswordParameter(IDistributedApplicationBuilder builder, string name,
        bool lower = true, bool upper = true, bool numeric = true, bool special = true,
        int minLower = 0, int minUpper = 0, int minNumeric = 0, int minSpecial = 0) =>
        Create(builder, name, secret: true, new GenerateParameterDefault
        {
            Lower = lower,
            Upper = upper,
            Numeric = numeric,
            Special = special,
            MinLower = minLower,
            MinUpper = minUpper,
            MinNumeric = minNumeric,
            MinSpecial = minSpecial,
        });

    private static ParameterResource Create(IDistributedApplicationBuilder builder, string name, bool secret, ParameterDefault? byDefault) =>
        new(name, given => Find(builder.Configuration, name) ?? given?.GetDefaultValue() ?? throw Missing(name, $"Parameters:{name}"), secret)
        {
            Default = byDefault,
        };

    private static string? Find(IConfiguration configuration, string name) =>
        configuration[$"Parameters:{name}"] ?? configuration[$"Parameters:{name.Replace('-', '_')}"];

    private static MissingParameterValueException Missing(string name, string key) =>
        new($"The parameter '{name}' has no value. Set {key} (as an environment variable: {key.Replace('-', '_').Replace(":", "__", StringComparison.Ordinal)}).");
}
