using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.Audit;
using ZooPlatform.Identity.Keys;
using ZooPlatform.Identity.OAuth;
using ZooPlatform.Identity.Organisations;
using ZooPlatform.Identity.Owners;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity;

/// <summary>Users, organisations, tokens, clients, keys and the audit trail. The schema is Migrations/*.sql; this maps it.</summary>
internal sealed partial class IdentityDb(DbContextOptions<IdentityDb> options) : DbContext(options)
{
    public DbSet<Owner> Owners => Set<Owner>();
    public DbSet<User> Users => Set<User>();
    public DbSet<Session> Sessions => Set<Session>();
    public DbSet<OneTimeLink> OneTimeLinks => Set<OneTimeLink>();
    public DbSet<Membership> Memberships => Set<Membership>();
    public DbSet<Invitation> Invitations => Set<Invitation>();
    public DbSet<ServiceAccount> ServiceAccounts => Set<ServiceAccount>();
    public DbSet<ApiToken> ApiTokens => Set<ApiToken>();
    public DbSet<OAuthClient> Clients => Set<OAuthClient>();
    public DbSet<ClientSecret> ClientSecrets => Set<ClientSecret>();
    public DbSet<Grant> Grants => Set<Grant>();
    public DbSet<AuthorizationCode> AuthorizationCodes => Set<AuthorizationCode>();
    public DbSet<AccessToken> AccessTokens => Set<AccessToken>();
    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();
    public DbSet<DeviceCode> DeviceCodes => Set<DeviceCode>();
    public DbSet<DeviceTry> DeviceTries => Set<DeviceTry>();
    public DbSet<SigningKey> SigningKeys => Set<SigningKey>();
    public DbSet<AuditEntry> AuditTrail => Set<AuditEntry>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<Owner>(owner =>
        {
            owner.ToTable("owners");
            owner.Property(o => o.Kind).HasConversion<string>();
        });
        model.Entity<User>(user =>
        {
            user.ToTable("users");
            user.HasOne<Owner>().WithOne().HasForeignKey<User>(u => u.Id);
            user.Property(u => u.ConcurrencyStamp).IsConcurrencyToken();
            user.Ignore(u => u.EmailConfirmed).Ignore(u => u.PhoneNumber).Ignore(u => u.PhoneNumberConfirmed)
                .Ignore(u => u.TwoFactorEnabled).Ignore(u => u.LockoutEnabled);
        });
        model.Entity<Session>().ToTable("sessions").HasOne<User>().WithMany().HasForeignKey(s => s.UserId);
        model.Entity<OneTimeLink>().ToTable("one_time_links").HasKey(l => l.Hash);
        model.Entity<Membership>(membership =>
        {
            membership.ToTable("memberships").HasKey(m => new { m.OrganisationId, m.UserId });
            membership.HasOne<Owner>().WithMany().HasForeignKey(m => m.OrganisationId);
            membership.HasOne<User>().WithMany().HasForeignKey(m => m.UserId);
        });
        model.Entity<Invitation>().ToTable("invitations").HasOne<Owner>().WithMany().HasForeignKey(i => i.OrganisationId);
        model.Entity<ServiceAccount>().ToTable("service_accounts").HasOne<Owner>().WithMany().HasForeignKey(a => a.OrganisationId);
        model.Entity<ApiToken>(token =>
        {
            token.ToTable("api_tokens");
            token.HasOne<User>().WithMany().HasForeignKey(t => t.UserId);
            token.HasOne<ServiceAccount>().WithMany().HasForeignKey(t => t.ServiceAccountId);
        });
        model.Entity<OAuthClient>().ToTable("oauth_clients").HasOne<ServiceAccount>().WithOne().HasForeignKey<OAuthClient>(c => c.ServiceAccountId);
        model.Entity<ClientSecret>().ToTable("client_secrets").HasOne<OAuthClient>().WithMany().HasForeignKey(s => s.ClientId);
        model.Entity<Grant>().Ignore(g => g.RefreshEndsAt).ToTable("grants").HasOne<User>().WithMany().HasForeignKey(g => g.UserId);
        model.Entity<AuthorizationCode>().ToTable("authorization_codes").HasKey(c => c.Hash);
        model.Entity<AccessToken>().ToTable("access_tokens").HasKey(t => t.Hash);
        model.Entity<AccessToken>().HasOne<Grant>().WithMany().HasForeignKey(t => t.GrantId);
        model.Entity<RefreshToken>().ToTable("refresh_tokens").HasKey(t => t.Hash);
        model.Entity<RefreshToken>().HasOne<Grant>().WithMany().HasForeignKey(t => t.GrantId);
        model.Entity<DeviceCode>().ToTable("device_codes").HasKey(c => c.Hash);
        model.Entity<DeviceCode>().Ignore(c => c.ShownCode);
        model.Entity<DeviceTry>().ToTable("device_tries");
        model.Entity<SigningKey>().ToTable("signing_keys");
        model.Entity<AuditEntry>(entry =>
        {
            entry.ToTable("audit_trail").HasKey(e => e.Sequence);
            entry.Property(e => e.Sequence).UseIdentityAlwaysColumn();
        });

        foreach (var property in model.Model.GetEntityTypes().SelectMany(type => type.GetProperties()))
        {
            property.SetColumnName(WordStart().Replace(property.Name, "_$0").ToLowerInvariant());
            if (property.Name == "Id" && property.ClrType != typeof(long)) property.ValueGenerated = Microsoft.EntityFrameworkCore.Metadata.ValueGenerated.Never;
        }
    }

    [GeneratedRegex("(?<=[a-z])[A-Z]")]
    private static partial Regex WordStart();
}
