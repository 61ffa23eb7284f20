using System.Net;
using System.Net.Http.Json;
using Npgsql;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>Whoever counts what a person holds waits: requests that bring bytes stand still where these are kept and not noted yet.</summary>
internal sealed class HeldQuota : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnection _connection;

    private HeldQuota(NpgsqlDataSource source, NpgsqlConnection connection) => (_source, _connection) = (source, connection);

    public static async Task<HeldQuota> OfAsync(ArtifactApp app, Person person)
    {
        using (var quota = await app.AnAdministrator().PutAsJsonAsync($"/api/v1/storage/{person.Name}/quota", new SetQuota(1_000_000_000), ZooJson.Options)) await quota.ShouldBeAsync(HttpStatusCode.OK);
        var source = NpgsqlDataSource.Create(app.ConnectionString);
        var connection = await source.OpenConnectionAsync();
        await using var hold = new NpgsqlCommand($"select pg_advisory_lock({0x7A6F6F}, hashtext('{person.Id}'))", connection);
        await hold.ExecuteNonQueryAsync();
        return new HeldQuota(source, connection);
    }

    public async ValueTask DisposeAsync()
    {
        await using (var release = new NpgsqlCommand("select pg_advisory_unlock_all()", _connection)) await release.ExecuteNonQueryAsync();
        await _connection.DisposeAsync();
        await _source.DisposeAsync();
    }
}
