using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Benchmark.Devices;

internal static class DeviceRoutes
{
    public static void MapDevices(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/devices", List).WithName("ListDevices").WithTags("Devices").RequireAuthorization(Policies.Read)
            .WithSummary("List devices").WithDescription("Machines that measured here, with their processor, memory and ONNX Runtime.");

    // Profiles are few: one a machine, and one more when its hardware or ONNX Runtime changes. They tell nothing of repositories.
    private static async Task<Page<DeviceView>> List(BenchmarkDb db, CancellationToken ct)
    {
        var devices = await db.Devices.AsNoTracking().OrderBy(device => device.Id).ToListAsync(ct);
        return new Page<DeviceView>([.. devices.Select(device => device.View())]);
    }
}
