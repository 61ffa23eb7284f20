namespace Aspire.Hosting;

/// <summary>A parameter has no value. The message names the setting that gives it one.</summary>
public class MissingParameterValueException(string message) : DistributedApplicationException(message);
