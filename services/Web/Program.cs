using Microsoft.AspNetCore.DataProtection;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.Web;
using ZooPlatform.Web.Api;
using ZooPlatform.Web.Pages;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.WebHost.UseStaticWebAssets();
builder.WebHost.UseSetting("ReloadStaticAssetsAtRuntime", "false");   // its fallback route would carry no policy
foreach (var service in new[] { "artifact", "catalog", "search", "benchmark" }) builder.AddCallerClient(service);
builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();   // the site has no forms of its own to protect
builder.Services.AddRazorComponents();
builder.Services.AddHttpContextAccessor();
builder.Services.AddScoped<ZooApi>();
builder.Services.AddHttpClient<ApiDocument>().ConfigurePrimaryHttpMessageHandler(services => GuardedHandler.Create(services.GetRequiredService<IConfiguration>()));

var app = builder.Build();
app.UseServiceDefaults();
app.UsePageHeaders();
app.UseAntiforgery();
app.MapStaticAssets().RequireAuthorization(Policies.Open);
app.MapRazorComponents<App>().RequireAuthorization(Policies.Read);
await app.RunServiceAsync();
