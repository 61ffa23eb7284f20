using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using ZooPlatform.Gateway.Routes;
using ZooPlatform.ServiceDefaults.Problems;

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
            await context.RefuseAsync(GatewayProblems.TooManyRequests, context.FindRoute()?.Errors ?? ErrorShape.Problem, wait);
        });
        services.AddOptions<Microsoft.AspNetCore.RateLimiting.RateLimiterOptions>().Configure<IOptions<GatewayOptions>, IOptions<PlatformOptions>>((limiter, options, platform) =>
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                PartitionedRateLimiter.Create<HttpContext, string>(context => Bucket(AddressKey(context), options.Value.RequestsPerSecondOfAddress, options.Value.BurstSeconds)),
                PartitionedRateLimiter.Create<HttpContext, string>(context => CredentialOf(context.Request, platform.Value.SessionCookie) is { Length: > 0 } credential
                    ? Bucket(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(credential))), options.Value.RequestsPerSecondOfCaller, options.Value.BurstSeconds)
                    : RateLimitPartition.GetNoLimiter("no credential"))));
        return services;
    }

    /// <summary>Whatever it is, and whether it is good or not: that costs a question to find out.</summary>
    private static string? CredentialOf(HttpRequest request, string sessionCookie) =>
        request.Headers.Authorization is { Count: > 0 } header ? header.ToString() : request.Cookies[sessionCookie];

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
