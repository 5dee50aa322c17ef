using Parceler.Storage;
using Parceler.Tests.Support;

namespace Parceler.Tests.Contracts;

public sealed class MemoryDiskTests : StorageDiskContract
{
    private protected override StorageDisk Disk { get; } = new MemoryDisk(TimeProvider.System);
}

public sealed class LocalDiskTests : StorageDiskContract, IDisposable
{
    private readonly TempFolder _folder = new();

    private protected override StorageDisk Disk => field ??= new LocalDisk(new(_folder["storage"]));

    public void Dispose() => _folder.Dispose();
}

[Trait("Speed", "slow")]
public sealed class S3DiskTests : StorageDiskContract, IAsyncLifetime
{
    private TestBucket _bucket = null!;

    private protected override StorageDisk Disk => _bucket.Disk;

    public async ValueTask InitializeAsync() => _bucket = await TestBucket.OpenAsync();

    public ValueTask DisposeAsync() => _bucket.DisposeAsync();
}
