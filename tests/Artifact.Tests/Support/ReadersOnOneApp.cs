namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>One service for the tests of all protocols that only read: starting one takes longer than most of them.</summary>
[CollectionDefinition(Name)]
public sealed class ReadersOnOneApp : ICollectionFixture<ArtifactApp>
{
    public const string Name = "readers on one app";
}
