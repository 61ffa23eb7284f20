using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Npgsql;
using ZooPlatform.Identity;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.Audit;
using ZooPlatform.Identity.Keys;
using ZooPlatform.Identity.OAuth;
using ZooPlatform.Identity.Organisations;
using ZooPlatform.Identity.Owners;
using ZooPlatform.Identity.Pages;
using ZooPlatform.Identity.Tokens;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.Data;
using ZooPlatform.ServiceDefaults.Feeds;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddDatabase<IdentityDb>("identitydb");
builder.AddFeed();
builder.AddCallerClient("artifact");

var services = builder.Services;
services.AddOptions<PlatformOptions>().BindConfiguration("Platform").ValidateDataAnnotations().ValidateOnStart();
services.AddOptions<SignInLimitOptions>().BindConfiguration("SignIn").ValidateDataAnnotations().ValidateOnStart();
services.AddHttpContextAccessor();

// Keys: the AppHost's secret seals Data Protection's ring, which seals the signing keys; both are in the database.
services.AddOptions<KeyOptions>().BindConfiguration("Keys").ValidateDataAnnotations().ValidateOnStart();
builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);   // it warns that it does not seal; we do
services.AddDataProtection().SetApplicationName("zooplatform");
services.AddOptions<KeyManagementOptions>().Configure<NpgsqlDataSource, IOptions<KeyOptions>>((options, source, keys) => options.XmlRepository = new RingInPostgres(source, keys));
services.AddSingleton<KeyRing>();
services.AddHostedService<RotateKeys>();
services.AddSingleton<ReadKeySet>(provider => _ => Task.FromResult(provider.GetRequiredService<KeyRing>().Published().ToJsonString()));

// Accounts: ASP.NET Core Identity keeps users and checks passwords; sessions and tokens are ours.
services.AddIdentityCore<User>(identity =>
{
    identity.Password = new PasswordOptions { RequiredLength = PasswordRule.MinChars, RequireDigit = false, RequireLowercase = false, RequireUppercase = false, RequireNonAlphanumeric = false };
    identity.User.AllowedUserNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
}).AddEntityFrameworkStores<IdentityDb>().AddPasswordValidator<PasswordRule>();
services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = 210_000);   // PBKDF2-HMAC-SHA512
services.AddSingleton<SessionCookie>();
services.AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>();
services.AddSingleton<DecoyPassword>();
services.AddScoped<AuditTrail>().AddScoped<SignIn>().AddScoped<Sessions>().AddScoped<OneTimeLinks>().AddScoped<CreateUser>().AddScoped<SetPassword>();
services.AddHostedService<FirstAdministrator>();

services.AddScoped<CreateOrganisation>().AddScoped<DeleteOrganisation>().AddScoped<ChangeMember>().AddScoped<AcceptInvitation>();
services.AddScoped<ChangeServiceAccount>().AddScoped<ChangeUser>();

services.AddSingleton<InternalTokens>().AddSingleton<PlatformServices>();
if (builder.Configuration.GetConnectionString("redis") is not null)
{
    builder.AddRedisClient("redis", redis => redis.DisableHealthChecks = true);   // without it tokens die within 5 s, no worse
    services.AddHostedService<TellCallerChanges>();
}
services.AddScoped<SwapCredential>().AddScoped<FindCaller>().AddScoped<MakeToken>().AddScoped<RevokeToken>();

services.AddSingleton<IdTokens>();
services.AddScoped<IssueCode>().AddScoped<RedeemCode>().AddScoped<GrantTokens>().AddScoped<AuthenticateClient>().AddScoped<ChangeSecrets>();
services.AddScoped<PollDevice>().AddScoped<DecideDevice>();
services.AddHostedService<DeleteExpired>();
services.AddHostedService<OwnClients>();

services.AddRazorPages();
services.AddPageSafety();

var app = builder.Build();
app.UseServiceDefaults();
app.UsePageSafety();
app.UseCrossOrigin();

app.MapDiscovery();
foreach (var prefix in new[] { "/connect", "/oauth" })
{
    var oauth = app.MapGroup(prefix).RequireAuthorization(Policies.Open).WithTags("OAuth");   // the caller's own credentials are the matter here
    oauth.MapAuthorize();
    oauth.MapTokenEndpoint();
    oauth.MapUserInfo();
    oauth.MapDevice();
    oauth.MapIntrospection();
    oauth.MapEndSession();
}
app.MapRazorPages().RequireAuthorization(Policies.Open).RequireRateLimiting(PageSafety.FormLimit);
app.MapStyle();
app.MapUsers();
app.MapOrganisations();
app.MapTokens();
app.MapClients();
app.MapGrants();
app.MapAudit();
app.MapHubWhoAmI();
app.MapInternalTokens();
app.MapOwners();
await app.RunServiceAsync();

/// <summary>Named for the tests that start the service.</summary>
public partial class Program;
