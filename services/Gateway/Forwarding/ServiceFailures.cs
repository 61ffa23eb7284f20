using Yarp.ReverseProxy.Forwarder;
using ZooPlatform.Gateway.Refusals;
using ZooPlatform.Gateway.Routes;

namespace ZooPlatform.Gateway.Forwarding;

/// <summary>Says in the route's protocol that its service could not be reached or broke off.</summary>
internal sealed class ServiceFailures(RefusalWriter refusals, ILogger<ServiceFailures> logger)
{
    public async Task AfterAsync(HttpContext context, ZooRoute route)
    {
        if (context.Features.Get<IForwarderErrorFeature>() is not { } failure || context.RequestAborted.IsCancellationRequested) return;
        logger.ServiceFailed(route.Service, context.Request.Method, context.Request.Path, failure.Error.ToString(), failure.Exception?.Message);
        if (context.Response.HasStarted) return;   // YARP has cut the connection, so that nobody takes a part for the whole
        await refusals.WriteAsync(context, route.Errors, failure switch
        {
            { Exception: BadHttpRequestException { StatusCode: 413 } } or { Exception.InnerException: BadHttpRequestException { StatusCode: 413 } } =>
                Refusal.BodyTooLarge(route.MaxBodyBytes ?? 0),
            { Error: ForwarderError.RequestTimedOut or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled } => Refusal.ServiceSilent(route.Service),
            { Error: ForwarderError.Request or ForwarderError.NoAvailableDestinations, Exception: not HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } } =>
                Refusal.ServiceUnreachable(route.Service),
            _ => Refusal.ServiceBroke(route.Service),
        });
    }
}
