using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.Web;
using ZooPlatform.Web.Api;
using ZooPlatform.Web.Pages;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.WebHost.UseStaticWebAssets();
foreach (var service in new[] { "artifact", "catalog", "search", "benchmark" }) builder.AddCallerClient(service);
builder.Services.AddRazorComponents();
builder.Services.AddHttpContextAccessor();
builder.Services.AddScoped<ZooApi>();

var app = builder.Build();
app.UseServiceDefaults();
app.UsePageHeaders();
app.UseAntiforgery();
app.MapStaticAssets().RequireAuthorization(Policies.Open);
app.MapRazorComponents<App>().RequireAuthorization(Policies.Read);
await app.RunServiceAsync();
