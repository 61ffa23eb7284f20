namespace ZooPlatform.Formats;

/// <summary>Collects findings; the first of a kind and text counts, and a hostile file cannot make the list grow without end.</summary>
internal sealed class FindingList
{
    private const int Most = 100;
    private readonly List<Finding> _findings = [];
    private readonly HashSet<Finding> _seen = [];
    private int _leftOut;

    public void Error(string kind, string message) => Add(kind, FindingSeverity.Error, message);

    public void Warning(string kind, string message) => Add(kind, FindingSeverity.Warning, message);

    public void Info(string kind, string message) => Add(kind, FindingSeverity.Info, message);

    /// <summary>The findings, worst first. When some were left out, an error says how many: what was not looked at is not clean.</summary>
    public IReadOnlyList<Finding> ToList()
    {
        var all = _findings.OrderByDescending(f => f.Severity).ToList();
        if (_leftOut > 0)
        {
            all.Add(new Finding("inspection.findings-cut", FindingSeverity.Error, $"{_leftOut} more findings are not listed."));
        }
        return all;
    }

    private void Add(string kind, FindingSeverity severity, string message)
    {
        var finding = new Finding(kind, severity, message);
        if (!_seen.Add(finding)) return;
        if (_findings.Count < Most) _findings.Add(finding);
        else
        {
            _seen.Remove(finding);
            _leftOut++;
        }
    }
}
