using System.Text;
using Parceler.Database;
using Parceler.Storage;
using Parceler.Tests.Support;

namespace Parceler.Tests.Contracts;

public sealed class LocalBlobsTests : BlobStoreContract, IDisposable
{
    private readonly TempFolder _folder = new();

    private protected override BlobStore Blobs => field ??= Open();

    public void Dispose() => _folder.Dispose();

    private protected override void Damage(Digest digest, string content)
    {
        var file = Blobs.LocalPathOf(digest)!;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    private LocalBlobs Open()
    {
        var work = new WorkFolder(_folder["storage"]);
        return new(new SqliteDb(work.PathOf("database.sqlite")), new(work), work, TimeProvider.System);
    }
}

[Trait("Speed", "slow")]
public sealed class S3BlobsTests : BlobStoreContract, IAsyncLifetime
{
    private TestBucket _bucket = null!;

    private protected override BlobStore Blobs => _bucket.Blobs;

    public async ValueTask InitializeAsync() => _bucket = await TestBucket.OpenAsync();

    public ValueTask DisposeAsync() => _bucket.DisposeAsync();

    private protected override void Damage(Digest digest, string content) =>
        _bucket.Bucket.PutAsync(StorageKeys.Blob(digest), Encoding.UTF8.GetBytes(content), TestContext.Current.CancellationToken).GetAwaiter().GetResult();
}
