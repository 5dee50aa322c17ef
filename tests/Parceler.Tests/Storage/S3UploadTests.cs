using Parceler.Storage;
using Parceler.Storage.S3;
using Parceler.Tests.Support;

namespace Parceler.Tests.Storage;

/// <summary>What only a bucket can get wrong.</summary>
[Trait("Speed", "slow")]
public sealed class S3UploadTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private TestBucket _bucket = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bucket = await TestBucket.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _bucket.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void Bytes_that_changed_after_they_were_hashed_are_refused_by_the_store()
    {
        Assert.SkipUnless(TestBucket.Checksums == S3Checksums.Default, "an old gateway does not compare check sums");
        _folder.Write("1", "what was hAshed");
        var staged = new StagedBlob(Digest.Of("what was hashed"u8), 15, _folder.Path, 1);

        var store = () => _bucket.Blobs.Store([staged], (_, _) => { }, Cancellation);

        store.Should().Throw<IOException>().Which.Message.Should().Contain("400");
        _bucket.Blobs.Has(staged.Digest, staged.Size).Should().BeFalse();
    }

    [Fact]
    public void Of_many_that_store_the_same_at_once_one_is_first()
    {
        var digest = Digest.Of("the same"u8);
        var first = 0;

        Parallel.For(0, 8, number =>
        {
            var staged = new StagedBlob(digest, 8, _folder.Path, number);
            File.WriteAllText(staged.Path, "the same");
            _bucket.Blobs.Store([staged], (_, isNew) => Interlocked.Add(ref first, isNew ? 1 : 0), Cancellation);
        });

        first.Should().Be(1);
        Directory.EnumerateFiles(_folder.Path).Should().BeEmpty();
    }

    [Fact]
    public async Task A_large_file_that_can_not_be_stored_leaves_no_parts()
    {
        var content = new byte[12 << 20];
        new Random(3).NextBytes(content);
        await File.WriteAllBytesAsync(_folder["1"], content, Cancellation);
        _bucket.Proxy.FailAll("partNumber=3", S3Fault.Unavailable);

        var store = () => _bucket.Blobs.Store([new(Digest.Of(content), content.Length, _folder.Path, 1)], (_, _) => { }, Cancellation);

        store.Should().Throw<IOException>().Which.Message.Should().Contain("503");
        using var aside = _bucket.Aside();
        var left = await aside.ListMultipartUploadsAsync(new Amazon.S3.Model.ListMultipartUploadsRequest { BucketName = _bucket.Settings.Bucket }, Cancellation);
        (left.MultipartUploads ?? []).Should().BeEmpty();
        _bucket.Blobs.Has(Digest.Of(content), content.Length).Should().BeFalse();
    }

    [Fact]
    public async Task Keys_are_listed_in_the_order_of_their_bytes()
    {
        var keys = new[] { "source/base/\uff21", "source/base/\U0001f4e6", "source/base/a b", "source/base/a+b", "source/base/é" };
        foreach (var key in keys)
        {
            await _bucket.Disk.WriteAsync(key, new byte[1], Cancellation);
        }

        (await _bucket.Disk.ListAsync("source/base/", Cancellation).Select(stored => stored.Key).ToListAsync(Cancellation)).Should().BeEquivalentTo(keys);
    }
}
