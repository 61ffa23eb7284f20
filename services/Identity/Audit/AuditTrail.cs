using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace ZooPlatform.Identity.Audit;

/// <summary>Adds to the audit trail; the line is stored with the change it tells of, in the same transaction.</summary>
internal sealed class AuditTrail(IdentityDb db, IHttpContextAccessor http, TimeProvider time)
{
    public const string System = "system";

    public void Add(string actor, string action, string subject, string? detail = null) => db.AuditTrail.Add(new AuditEntry
    {
        At = time.GetUtcNow(), Actor = actor, Action = action, Subject = subject, Detail = detail,
        Address = http.HttpContext is { } context ? ClientAddress.Of(context) : null,
    });
}

internal static class ClientAddress
{
    /// <summary>The caller's address as the gateway saw it: it replaces whatever the caller wrote into this header.</summary>
    public static string? Of(HttpContext context) =>
        context.Request.Headers["X-Forwarded-For"] is [{ Length: > 0 } forwarded] ? forwarded : context.Connection.RemoteIpAddress?.ToString();

    /// <summary>What tries are counted by. Whoever has an IPv6 address has its /64, and could come from a new one each time.</summary>
    public static string KeyOf(HttpContext context) =>
        IPAddress.TryParse(Of(context), out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : Of(context) ?? "";
}
