using System.Threading.Channels;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>Blobs that were read and had other bytes than their name says. They are looked at again at once (<see cref="Storage.ScrubSuspects"/>), which takes
/// away what is wrong; in memory only, since the scrubber comes to them anyway.</summary>
internal sealed class Suspects
{
    private readonly Channel<BlobHash> _blobs = Channel.CreateBounded<BlobHash>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropWrite });

    public ChannelReader<BlobHash> Blobs => _blobs.Reader;

    public void Add(BlobHash blob) => _blobs.Writer.TryWrite(blob);
}
