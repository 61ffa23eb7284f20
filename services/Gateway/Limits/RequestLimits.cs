using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using ZooPlatform.Gateway.Refusals;
using ZooPlatform.Gateway.Routes;

namespace ZooPlatform.Gateway.Limits;

/// <summary>How many requests a credential, and an address, may make; both must let a request through.</summary>
internal static class RequestLimits
{
    public static IServiceCollection AddRequestLimits(this IServiceCollection services)
    {
        services.AddRateLimiter(limiter => limiter.OnRejected = async (rejected, ct) =>
        {
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var told) ? told : TimeSpan.FromSeconds(1);
            var context = rejected.HttpContext;
            await context.RequestServices.GetRequiredService<RefusalWriter>()
                .WriteAsync(context, context.FindRoute()?.Errors ?? ErrorShape.Problem, Refusal.TooManyRequests(wait));
        });
        services.AddOptions<Microsoft.AspNetCore.RateLimiting.RateLimiterOptions>().Configure<IOptions<GatewayOptions>>((limiter, options) =>
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                PartitionedRateLimiter.Create<HttpContext, string>(context => Bucket(AddressKey(context), options.Value.RequestsPerSecondOfAddress, options.Value.BurstSeconds)),
                PartitionedRateLimiter.Create<HttpContext, string>(context => context.Request.Headers.Authorization is { Count: > 0 } header
                    ? Bucket(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(header.ToString()))), options.Value.RequestsPerSecondOfCaller, options.Value.BurstSeconds)
                    : RateLimitPartition.GetNoLimiter("no credential"))));
        return services;
    }

    private static RateLimitPartition<string> Bucket(string key, int perSecond, int burstSeconds) =>
        RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = perSecond * burstSeconds, TokensPerPeriod = perSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        });

    /// <remarks>Whoever has an IPv6 address has its /64, and could come from a new one each time.</remarks>
    internal static string AddressKey(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }
}
