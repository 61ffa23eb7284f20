using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ZooPlatform.ServiceDefaults.Health;

/// <summary>How much the disk of the data folder still takes.</summary>
internal static class DiskSpace
{
    /// <summary>Below this PostgreSQL may soon have no room for its log, and uploads are refused.</summary>
    private const long LeastBytes = 1L << 30;

    /// <summary>Degraded with less than 1 GiB: told early, while what is there can still be read and deleted.</summary>
    public static HealthCheckResult Check(string folder)
    {
        try
        {
            var free = new DriveInfo(folder).AvailableFreeSpace;
            return free >= LeastBytes ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Create(CultureInfo.InvariantCulture,
                $"The disk of {folder} has {free >> 20} MiB left. Uploads are refused when it is full."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return HealthCheckResult.Degraded($"The disk of {folder} cannot be asked: {e.Message}");
        }
    }
}
