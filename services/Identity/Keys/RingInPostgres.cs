using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ZooPlatform.Identity.Keys;

/// <summary>The section <c>Keys</c>.</summary>
internal sealed class KeyOptions
{
    /// <summary>Seals the ring of Data Protection in the database, and through it every private key. The AppHost makes it once; whoever
    /// loses it loses the signing keys: everybody signs in again.</summary>
    [System.ComponentModel.DataAnnotations.Required, System.ComponentModel.DataAnnotations.MinLength(32)]
    public required string Secret { get; init; }
}

/// <summary>The ring of Data Protection, which seals form tokens, signing keys and refresh keys, in the database that all
/// instances of Identity share. Each element is sealed itself: <c>v1:</c> and base64 of nonce (12 bytes), AES-256-GCM text, tag (16).</summary>
/// <remarks>The key is HKDF-SHA-256 of <see cref="KeyOptions.Secret"/>; the element's name is authenticated with it, so rows cannot be exchanged.
/// A ring from before this version stands unsealed; it is sealed when it is read.</remarks>
internal sealed class RingInPostgres(NpgsqlDataSource source, IOptions<KeyOptions> options) : IXmlRepository
{
    private const string Prefix = "v1:";
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(options.Value.Secret), 32, info: "zooplatform ring"u8.ToArray());

    /// <exception cref="CryptographicException">The ring was sealed with another secret, or somebody changed it.</exception>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        var rows = new List<(string Name, string Text)>();
        using (var command = source.CreateCommand("select name, xml from data_protection_keys order by name"))
        using (var reader = command.ExecuteReader())
            while (reader.Read()) rows.Add((reader.GetString(0), reader.GetString(1)));
        foreach (var (name, text) in rows)
            if (!text.StartsWith(Prefix, StringComparison.Ordinal)) StoreElement(XElement.Parse(text), name);
        return [.. rows.Select(row => XElement.Parse(row.Text.StartsWith(Prefix, StringComparison.Ordinal) ? Unseal(row.Name, row.Text) : row.Text))];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var command = source.CreateCommand(
            "insert into data_protection_keys (name, xml) values ($1, $2) on conflict (name) do update set xml = excluded.xml");
        command.Parameters.AddWithValue(friendlyName);
        command.Parameters.AddWithValue(Seal(friendlyName, element.ToString(SaveOptions.DisableFormatting)));
        command.ExecuteNonQuery();
    }

    private string Seal(string name, string xml)
    {
        var plain = Encoding.UTF8.GetBytes(xml);
        var sealed_ = new byte[NonceBytes + plain.Length + TagBytes];
        var nonce = sealed_.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(nonce, plain, sealed_.AsSpan(NonceBytes, plain.Length), sealed_.AsSpan(NonceBytes + plain.Length), Encoding.UTF8.GetBytes(name));
        return Prefix + Convert.ToBase64String(sealed_);
    }

    private string Unseal(string name, string text)
    {
        var sealed_ = Convert.FromBase64String(text[Prefix.Length..]).AsSpan();
        var plain = new byte[sealed_.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(_key, TagBytes);
        aes.Decrypt(sealed_[..NonceBytes], sealed_[NonceBytes..^TagBytes], sealed_[^TagBytes..], plain, Encoding.UTF8.GetBytes(name));
        return Encoding.UTF8.GetString(plain);
    }
}
