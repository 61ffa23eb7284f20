namespace ZooPlatform.Contracts.Identity;

/// <summary>Where Identity tells, on Redis, whose internal tokens are not what they were. A message is a subject: a user's id.</summary>
public static class CallerChanges
{
    public const string Channel = "zoo:caller-changed";
}
