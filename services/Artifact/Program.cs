using ZooPlatform.Artifact;
using ZooPlatform.Artifact.Archives;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Capabilities;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Artifact.GitHttp;
using ZooPlatform.Artifact.GitLfs;
using ZooPlatform.Artifact.Oci;
using ZooPlatform.Artifact.Owners;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Artifact.Uploads;
using ZooPlatform.Artifact.Xet;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Data;
using ZooPlatform.ServiceDefaults.Feeds;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.Problems;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddDatabase<ArtifactDb>("artifactdb");
builder.AddFeed();
builder.AddServiceClient("identity", Scopes.IdentityReadAll, Scopes.IdentityReadCallers);
builder.AddFeedReader<FollowOwners>();
builder.Services.AddOptions<ArtifactOptions>().BindConfiguration(ArtifactOptions.Section).ValidateDataAnnotations().ValidateOnStart();

builder.Services.AddSingleton<BlobStore>().AddSingleton<SendBlob>();
builder.Services.AddScoped<FindOwner>().AddScoped<AddRepository>().AddScoped<ChangeRepository>();
builder.Services.AddScoped<StageBlob>().AddScoped<StoreBlob>().AddScoped<StoreBatch>().AddScoped<FindMissing>();
builder.Services.AddSingleton<RunningHashes>().AddScoped<AppendUpload>().AddScoped<PutPart>().AddScoped<CopyKnownChunks>().AddScoped<CompleteUpload>();
builder.Services.AddScoped<SettleLfs>().AddScoped<CommitRevision>().AddScoped<SetReference>().AddScoped<SendFile>().AddScoped<SendFiles>();
builder.Services.AddSingleton<CapabilityKey>().AddSingleton<Subjects>().AddSingleton<IssueCapability>().AddScoped<RedeemCapability>();
builder.Services.AddSingleton<PublicUrl>().AddScoped<BeginUpload>().AddScoped<AnswerBatch>();
builder.Services.AddScoped<MoveRepository>().AddScoped<UndoRevision>().AddScoped<SquashBranch>();
builder.Services.AddSingleton<JobSignal<MapNewBlobs>>().AddScoped<SaveChunkMap>().AddScoped<FindChunks>().AddHostedService<MapNewBlobs>();
builder.Services.AddSingleton<XorbFiles>().AddSingleton<XetTokens>().AddScoped<XetAccess>().AddScoped<FindXorb>().AddScoped<StoreXorb>();
builder.Services.AddScoped<CheckShard>().AddScoped<AssembleFile>().AddScoped<LinkXorbs>().AddScoped<StoreShard>();
builder.Services.AddScoped<DescribeChunk>().AddScoped<Reconstruct>().AddScoped<SendXorb>().AddHostedService<DeleteIdleXorbs>();
builder.Services.AddScoped<Negotiate>().AddScoped<WritePack>().AddScoped<UploadPack>().AddScoped<UploadPackV0>();
builder.Services.AddScoped<FindManifest>().AddScoped<FindCrcs>().AddScoped<SendArchive>();
builder.Services.AddHostedService<DeleteIdleUploads>();

var app = builder.Build();
app.UseServiceDefaults();
var repositories = app.FollowingMoves();
repositories.MapRepositories();
repositories.MapMoves();
repositories.MapGrants();
repositories.MapBlobs();
repositories.MapRevisions();
repositories.MapHistory();
repositories.MapRefs();
repositories.MapFiles();
repositories.MapArchives();
app.MapUploads();
app.MapXetTokens();
app.MapXet();
app.MapGitHttp();
app.MapOci();
app.MapInternal();
app.MapGitLfs();

// Clients of other hubs ask for more than this platform has: 501 tells them apart from what is missing.
app.Map("/api/{**rest}", () => TypedResults.Json(new { error = "This zoo does not offer that part of the hub's API. Its own API is under /api/v1." }, statusCode: 501))
    .RequireAuthorization(Policies.Read).WithMetadata(ErrorShape.Hub).ExcludeFromDescription();
app.Map("/api/v1/{**rest}", () => Problem.RouteUnknown).RequireAuthorization(Policies.Read).ExcludeFromDescription();

await app.RunServiceAsync();

public partial class Program;
