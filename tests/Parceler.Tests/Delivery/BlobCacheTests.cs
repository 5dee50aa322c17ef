using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Parceler.Delivery;
using Parceler.Storage;
using Parceler.Tests.Entitlements;
using Parceler.Tests.Support;

namespace Parceler.Tests.Delivery;

/// <summary>Blobs that are fetched from a store while machines read along.</summary>
public sealed class BlobCacheTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ILoggerFactory _logs;
    private readonly LogLines _log = new();
    private readonly Dictionary<Digest, Func<Stream>> _store = [];
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(300_000);
    private int _asked;

    public BlobCacheTests() => _logs = LoggerFactory.Create(logs => logs.AddProvider(_log));

    private Digest Name => Digest.Of(_content);

    [Fact]
    public async Task A_blob_is_fetched_once_however_many_ask_for_it()
    {
        _store[Name] = () => new MemoryStream(_content);
        using var cache = Open(1 << 20);
        using var blobs = Over(cache);

        var read = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ReadAsync(blobs)));

        read.Should().OnlyContain(bytes => bytes!.SequenceEqual(_content));
        _asked.Should().Be(1);
        (await ReadAsync(blobs)).Should().Equal(_content);
        cache.Bytes.Should().Be(_content.Length);
        _asked.Should().Be(1);
    }

    [Fact]
    public async Task One_that_has_come_while_somebody_looked_for_it_is_not_fetched_again()
    {
        _store[Name] = () => new MemoryStream(_content);
        using var cache = Open(1 << 20);
        using var blobs = Over(cache);
        await ReadAsync(blobs);

        cache.Fetch(Name, _content.Length).Should().BeNull();
        cache.Fetch(Name, _content.Length).Should().BeNull("the first left nothing behind");

        _asked.Should().Be(1);
    }

    [Fact]
    public async Task Readers_follow_while_it_comes_but_for_the_last_byte()
    {
        using var source = new TrickleStream();
        _store[Name] = () => source;
        using var cache = Open(1 << 20);
        using var blobs = Over(cache);
        source.Give(_content[..1000]);

        var blob = await blobs.UseAsync(Name, _content.Length);

        (await blob.Arrival!.MoreThanAsync(0)).Should().Be(1000);
        source.Give(_content[1000..]);
        await Wait.UntilAsync(async () => await blob.Arrival.MoreThanAsync(0) == _content.Length - 1, "all but the last byte has come");
        var whole = blob.Arrival.MoreThanAsync(_content.Length - 1).AsTask();
        whole.IsCompleted.Should().BeFalse("nobody has proven it yet");
        source.End();
        (await whole).Should().Be(_content.Length);
        Read(blob).Should().Equal(_content);
        blob.Release();
    }

    [Theory]
    [InlineData(100)] // so much of it is other bytes
    [InlineData(-1)] // it is shorter
    public async Task Nobody_gets_the_end_of_what_is_not_the_blob(int other)
    {
        var wrong = other < 0 ? _content[..^1] : [.. new byte[other], .. _content[other..]];
        _store[Name] = () => new MemoryStream(wrong);
        using var cache = Open(1 << 20);
        using var blobs = Over(cache);

        var blob = await blobs.UseAsync(Name, _content.Length);

        await blob.Arrival!.Awaiting(arrival => arrival.MoreThanAsync(_content.Length - 1).AsTask()).Should().ThrowAsync<BrokenBlobException>();
        blob.Release();
        cache.Bytes.Should().Be(0);
        Files().Should().BeEmpty();
    }

    [Fact]
    public async Task A_store_that_fails_is_asked_again_by_the_next_who_comes()
    {
        _store[Name] = () => throw new IOException("the store is down");
        using var cache = Open(1 << 20);
        using var blobs = Over(cache);

        await blobs.Awaiting(it => it.UseAsync(Name, _content.Length).AsTask()).Should().ThrowAsync<IOException>().WithMessage("the store is down");

        _store[Name] = () => new MemoryStream(_content);
        (await ReadAsync(blobs)).Should().Equal(_content);
        _store.Clear();
        var missing = Digest.Of("another"u8);
        await blobs.Awaiting(it => it.UseAsync(missing, 7).AsTask()).Should().ThrowAsync<BrokenBlobException>().WithMessage("*missing*");
    }

    [Fact]
    public async Task What_was_used_longest_ago_goes_first()
    {
        var contents = Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetBytes(100_000)).ToList();
        contents.ForEach(content => _store[Digest.Of(content)] = () => new MemoryStream(content));
        using var cache = Open(300_000);

        foreach (var at in new[] { 0, 1, 2, 0, 3 })
        {
            using var blobs = Over(cache); // a new one each time: open files need no cache
            (await ReadAsync(blobs, contents[at])).Should().Equal(contents[at]);
        }

        _asked.Should().Be(4);
        Files().Should().BeEquivalentTo(new[] { 0, 2, 3 }.Select(at => Digest.Of(contents[at]).ToString()));
        cache.Bytes.Should().Be(300_000);
    }

    [Fact]
    public async Task A_blob_that_has_no_room_is_sent_and_not_kept()
    {
        _store[Name] = () => new MemoryStream(_content);
        using var cache = Open(1000);
        using var blobs = Over(cache);

        (await ReadAsync(blobs)).Should().Equal(_content);

        Files().Should().BeEmpty();
    }

    [Fact]
    public async Task The_next_process_goes_on_with_the_cache_but_not_after_a_start_of_the_machine()
    {
        _store[Name] = () => new MemoryStream(_content);
        using (var cache = Open(1 << 20))
        {
            using var blobs = Over(cache);
            await ReadAsync(blobs);
        }

        Open(1 << 20).Bytes.Should().Be(_content.Length);
        _folder.Write("cache/boot", "of another start");
        Open(1 << 20).Bytes.Should().Be(0);
        Files().Should().BeEmpty();
        _log.Lines.Should().ContainSingle(line => line.Contains("was started anew", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_small_file_that_was_damaged_here_is_fetched_again()
    {
        var small = "hello"u8.ToArray();
        _store[Digest.Of(small)] = () => new MemoryStream(small);
        using var cache = Open(1 << 20);
        using (var blobs = Over(cache))
        {
            await ReadAsync(blobs, small);
        }

        _folder.Write($"cache/{Digest.Of(small)}", "jello");
        using var again = Over(cache);

        (await ReadAsync(again, small)).Should().Equal(small);
        _asked.Should().Be(2);
    }

    public void Dispose()
    {
        _logs.Dispose();
        _folder.Dispose();
    }

    private BlobCache Open(long most) => new(ReadStoreAsync, 4, new(_folder.Path), new(most), new(_logs.CreateLogger<StoreOutage>()), _logs.CreateLogger<BlobCache>());

    private static OpenBlobs Over(BlobCache cache) => new(null!, new(), cache); // the store itself is never asked

    private Task<Stream> ReadStoreAsync(Digest digest, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _asked);
        return Task.FromResult(_store.TryGetValue(digest, out var open) ? open() : throw new FileNotFoundException());
    }

    private Task<byte[]> ReadAsync(OpenBlobs blobs) => ReadAsync(blobs, _content);

    private static async Task<byte[]> ReadAsync(OpenBlobs blobs, byte[] content)
    {
        var blob = await blobs.UseAsync(Digest.Of(content), content.Length);
        if (blob.Arrival is { } arrival)
        {
            await arrival.MoreThanAsync(content.Length - 1);
        }

        var read = Read(blob);
        blob.Release();
        return read;
    }

    private static byte[] Read(OpenBlob blob)
    {
        if (blob.Content is { } content)
        {
            return content;
        }

        var bytes = new byte[blob.Size];
        blob.Read(bytes, 0).Should().Be(bytes.Length);
        return bytes;
    }

    private IEnumerable<string> Files() => Directory.GetFiles(_folder["cache"]).Select(file => Path.GetFileName(file)!).Where(name => name != "boot");
}
