using System.Text.Json.Serialization;

namespace ZooPlatform.Formats;

/// <summary>How bad a finding is. <see cref="Error"/> means: not fit to run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingSeverity>))]
public enum FindingSeverity
{
    [JsonStringEnumMemberName("info")] Info,
    [JsonStringEnumMemberName("warning")] Warning,
    [JsonStringEnumMemberName("error")] Error,
}

/// <summary>A named risk or defect found in a file.</summary>
/// <param name="Kind">Stable name such as <c>onnx.external-data-missing</c>; never renamed.</param>
/// <param name="Message">One sentence for people. Text taken from the file is cut and freed of control characters.</param>
public sealed record Finding(string Kind, FindingSeverity Severity, string Message);
