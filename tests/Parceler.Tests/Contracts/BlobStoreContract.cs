using System.Text;
using Parceler.Storage;
using Parceler.Tests.Support;

namespace Parceler.Tests.Contracts;

/// <summary>What every store of blobs promises.</summary>
public abstract class BlobStoreContract
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract BlobStore Blobs { get; }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1 << 20)]
    [InlineData((12 << 20) + 345)]
    public async Task What_is_taken_in_is_there_byte_by_byte(int size)
    {
        var content = Content(size);

        Put(content).Should().Be((1, size));

        var digest = Digest.Of(content);
        Blobs.Has(digest, size).Should().BeTrue();
        Blobs.Has(digest, size + 1).Should().BeFalse();
        (await ReadAsync(digest)).Should().Equal(content);
    }

    [Fact]
    public void The_same_bytes_are_stored_once()
    {
        var content = Content(1000);
        Put(content);

        Put(content).Should().Be((0, 0));
    }

    [Fact]
    public void The_same_large_bytes_are_stored_once()
    {
        var content = Content(12 << 20);
        Put(content);

        Put(content).Should().Be((0, 0));
    }

    [Fact]
    public void What_was_not_committed_is_not_there()
    {
        var content = Content(1000);
        using (var intake = Blobs.OpenIntake())
        {
            Add(intake, content);
        }

        Blobs.Has(Digest.Of(content), 1000).Should().BeFalse();
        FluentActions.Invoking(() => Blobs.OpenRead(Digest.Of(content))).Should().Throw<IOException>().Which.Should().Match(e => e is FileNotFoundException || e is DirectoryNotFoundException);
    }

    [Fact]
    public async Task Those_that_are_missing_are_found_among_those_that_are_there()
    {
        var there = Enumerable.Range(0, 1500).Select(number => Encoding.UTF8.GetBytes($"there {number}")).ToList();
        var gone = Enumerable.Range(0, 40).Select(number => Encoding.UTF8.GetBytes($"gone {number}")).ToList();
        using (var intake = Blobs.OpenIntake())
        {
            there.ForEach(content => Add(intake, content));
            intake.Commit(Cancellation);
        }

        (await MissingAsync([.. there, .. gone])).Should().BeEquivalentTo(gone.Select(content => Digest.Of(content)));
        (await MissingAsync(there)).Should().BeEmpty();
        (await MissingAsync(gone)).Should().HaveCount(40);
        (await MissingAsync([there[7]])).Should().BeEmpty();
        (await MissingAsync([gone[7]])).Should().HaveCount(1);
        (await MissingAsync([])).Should().BeEmpty();
        (await Blobs.MissingAsync([.. there.Select(content => (Digest.Of(content), content.Length + (content == there[3] ? 1L : 0L)))], Cancellation)).Should().Equal(Digest.Of(there[3]));
    }

    [Fact]
    public async Task A_listing_has_each_with_its_size_in_order()
    {
        var contents = Enumerable.Range(1, 50).Select(Content).ToList();
        contents.ForEach(content => Put(content));

        var listed = await Blobs.ListAsync(Cancellation).ToListAsync(Cancellation);

        listed.Select(blob => (blob.Digest, blob.Size)).Should().BeEquivalentTo(contents.Select(content => (Digest.Of(content), (long)content.Length)));
        listed.Select(blob => blob.Digest.AsSpan()[0]).Should().BeInAscendingOrder();
    }

    [Fact]
    public async Task What_is_deleted_is_gone_and_nothing_else_is()
    {
        var (first, second) = (Content(10), Content(20));
        Put(first);
        Put(second);

        var gone = await Blobs.DeleteAsync([Digest.Of(first)], DateTimeOffset.MaxValue, Cancellation);

        gone.Should().Equal(Digest.Of(first));
        (Blobs.Has(Digest.Of(first), 10), Blobs.Has(Digest.Of(second), 20)).Should().Be((false, true));
    }

    [Fact]
    public void A_blob_of_another_size_is_replaced()
    {
        var content = Content(1000);
        Damage(Digest.Of(content), "half");

        Put(content).Should().Be((1, 1000));
        Blobs.Has(Digest.Of(content), 1000).Should().BeTrue();
    }

    /// <summary>Puts other bytes in a blob's place.</summary>
    private protected abstract void Damage(Digest digest, string content);

    private Task<HashSet<Digest>> MissingAsync(IEnumerable<byte[]> contents) => Blobs.MissingAsync([.. contents.Select(content => (Digest.Of(content), (long)content.Length))], Cancellation);

    private (long Blobs, long Bytes) Put(byte[] content)
    {
        using var intake = Blobs.OpenIntake();
        Add(intake, content);
        intake.Commit(Cancellation);
        return (intake.NewBlobs, intake.NewBytes);
    }

    private static void Add(BlobIntake intake, byte[] content)
    {
        using var folder = new TempFolder();
        using var file = File.OpenHandle(folder["content"], FileMode.Create, FileAccess.ReadWrite);
        RandomAccess.Write(file, content, 0);
        intake.Add(file).Should().Be((Digest.Of(content), content.Length));
    }

    private async Task<byte[]> ReadAsync(Digest digest)
    {
        await using var stream = Blobs.OpenRead(digest);
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, Cancellation);
        return content.ToArray();
    }

    private static byte[] Content(int size)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        return content;
    }
}
