using Microsoft.Extensions.Diagnostics.HealthChecks;
using ZooPlatform.Artifact.Blobs.Local;
using ZooPlatform.Artifact.Blobs.S3;

namespace ZooPlatform.Artifact.Blobs;

internal static class AddBlobs
{
    /// <summary>The spool, and the store that the settings choose: a bucket where one is named, else the local disk.</summary>
    public static void AddBlobStore(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<Spool>().AddSingleton<SendBlob>().AddSingleton<Suspects>();
        services.AddOptions<S3Options>().BindConfiguration(S3Options.Section).ValidateDataAnnotations().ValidateOnStart();
        if (string.IsNullOrEmpty(builder.Configuration[$"{S3Options.Section}:{nameof(S3Options.Bucket)}"]))
        {
            services.AddSingleton<LocalBlobs>().AddSingleton<IBlobStore>(provider => provider.GetRequiredService<LocalBlobs>()).AddHostedService<PutBackTaken>();
            return;
        }
        services.AddSingleton<Bucket>().AddSingleton<PutBlob>().AddSingleton<KeepMarks>().AddSingleton<IBlobStore, S3Blobs>().AddHostedService<OpenBucket>();
        services.AddHealthChecks().AddCheck<BucketCheck>("objects", HealthStatus.Degraded);
    }
}
