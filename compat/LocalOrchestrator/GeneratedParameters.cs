using Microsoft.Extensions.Configuration;
using ZooPlatform.LocalOrchestrator.State;

namespace ZooPlatform.LocalOrchestrator;

/// <summary>Gives parameters whose value the model generates the value they had in earlier runs on the same data.</summary>
internal sealed class GeneratedParameters(IConfiguration configuration, Secrets secrets)
{
    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);

    /// <summary>Does so for a value and for all that it is made of, before anybody asks for their text.</summary>
    public void Keep(object value)
    {
        if (!_seen.Add(value))
        {
            return;
        }
        if (value is ParameterResource { Default: GenerateParameterDefault generated } parameter)
        {
            var key = $"Parameters:{parameter.Name}";
            if (configuration[key] is null && configuration[key.Replace('-', '_')] is null)
            {
                configuration[key] = secrets.GetOrCreate(parameter.Name, generated.GetDefaultValue);
            }
        }
        if (value is IValueWithReferences made)
        {
            foreach (var part in made.References)
            {
                Keep(part);
            }
        }
    }
}
