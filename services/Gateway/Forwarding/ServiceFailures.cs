using Yarp.ReverseProxy.Forwarder;
using ZooPlatform.Gateway.Routes;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Gateway.Forwarding;

/// <summary>Says in the route's protocol that its service could not be reached or broke off.</summary>
internal sealed class ServiceFailures(ILogger<ServiceFailures> logger)
{
    public async Task AfterAsync(HttpContext context, ZooRoute route)
    {
        if (context.Features.Get<IForwarderErrorFeature>() is not { } failure || context.RequestAborted.IsCancellationRequested) return;
        logger.ServiceFailed(route.Service, context.Request.Method, context.Request.Path, failure.Error.ToString(), failure.Exception?.Message);
        if (context.Response.HasStarted) return;   // YARP has cut the connection, so that nobody takes a part for the whole
        context.Response.Clear();
        await context.RefuseAsync(failure switch
        {
            { Exception: BadHttpRequestException { StatusCode: 413 } } or { Exception.InnerException: BadHttpRequestException { StatusCode: 413 } } =>
                GatewayProblems.BodyTooLarge(route.MaxBodyBytes ?? 0),
            { Error: ForwarderError.RequestTimedOut or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled } => GatewayProblems.ServiceSilent(route.Service),
            { Error: ForwarderError.Request or ForwarderError.NoAvailableDestinations, Exception: not HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } } =>
                GatewayProblems.ServiceUnreachable(route.Service),
            _ => GatewayProblems.ServiceBroke(route.Service),
        }, route.Errors);
    }
}
