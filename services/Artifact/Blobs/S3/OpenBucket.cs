using System.Net;
using Amazon.S3.Model;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace ZooPlatform.Artifact.Blobs.S3;

/// <summary>Before the service listens: the bucket is there, its credentials are good, and no other zoo keeps its blobs under this prefix, whose blobs a
/// sweep would take for garbage. Waits while the store is out of reach. What processes before this one were keeping when they were killed is kept no more.</summary>
internal sealed class OpenBucket(Bucket bucket, NpgsqlDataSource source, Spool spool, KeepMarks marks, TimeProvider time, ILogger<OpenBucket> logger) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await OpenAsync(cancellationToken);
                await EndPredecessorsAsync(cancellationToken);
                return;
            }
            catch (StoreUnreachableException e) when (e.Status is null or >= HttpStatusCode.InternalServerError)
            {
                logger.WaitingForStore(e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            }
            catch (StoreUnreachableException e)
            {
                throw new InvalidOperationException($"The bucket '{bucket.Name}' cannot be used: {e.Message}. Check {S3Options.Section}:AccessKey, SecretKey, Bucket, Region and ForcePathStyle.", e);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task OpenAsync(CancellationToken ct)
    {
        try
        {
            await bucket.AskAsync(s3 => s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket.Name, MaxKeys = 1 }, ct), ct);   // HEAD would not say why
        }
        catch (StoreUnreachableException e) when (e.Code == "NoSuchBucket")
        {
            await bucket.AskAsync(s3 => s3.PutBucketAsync(bucket.Name, ct), ct);
            logger.BucketMade(bucket.Name);
        }
        var zoo = await ZooAsync(ct);
        var owner = await OwnerAsync(ct);
        if (owner is null)
        {
            try
            {
                await bucket.AskAsync(s3 => s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket.Name, Key = bucket.StoreIdKey, ContentBody = zoo, IfNoneMatch = "*" }, ct), ct);
            }
            catch (StoreUnreachableException e) when (e.Status == HttpStatusCode.PreconditionFailed)
            {
                // another zoo was first
            }
            owner = await OwnerAsync(ct);
        }
        if (owner != zoo)
            throw new InvalidOperationException($"The bucket '{bucket.Name}' holds the blobs of another zoo (its {bucket.StoreIdKey} is '{owner}', this one's is '{zoo}'). Give this one a {S3Options.Section}:Prefix of its own; if it is the same zoo with a new database, delete that object.");
    }

    /// <summary>Unless one of them still uses the spool, as the old one may while the new one starts.</summary>
    private async Task EndPredecessorsAsync(CancellationToken ct)
    {
        using var alone = spool.TryUse(FileShare.None);
        if (alone is not null && await marks.EndPredecessorsAsync(ct) is > 0 and var ended) logger.MarksEnded(ended);
    }

    private async Task<string?> OwnerAsync(CancellationToken ct)
    {
        try
        {
            using var answer = await bucket.AskAsync(s3 => s3.GetObjectAsync(bucket.Name, bucket.StoreIdKey, ct), ct);
            using var text = new StreamReader(answer.ResponseStream);
            return (await text.ReadToEndAsync(ct)).Trim();
        }
        catch (StoreUnreachableException e) when (e.IsMissing)
        {
            return null;
        }
    }

    private async Task<string> ZooAsync(CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            with made as (insert into store_identity (id) values ($1) on conflict (one) do nothing returning id)
            select id from made union all select id from store_identity
            """);
        command.Parameters.Add(new() { Value = Guid.CreateVersion7() });
        return ((Guid)(await command.ExecuteScalarAsync(ct))!).ToString();
    }
}

/// <summary>Degraded while the bucket cannot be reached: what needs no bytes goes on.</summary>
internal sealed class BucketCheck(Bucket bucket) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await bucket.AskAsync(s3 => s3.HeadBucketAsync(new HeadBucketRequest { BucketName = bucket.Name }, cancellationToken), cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is StoreUnreachableException or OperationCanceledException)
        {
            return HealthCheckResult.Degraded($"The bucket '{bucket.Name}' does not answer, so files can be neither read nor stored: {(e is OperationCanceledException ? "it is silent" : e.Message)}");
        }
    }
}
