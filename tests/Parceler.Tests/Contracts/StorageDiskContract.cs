using System.Text;
using Parceler.Storage;

namespace Parceler.Tests.Contracts;

/// <summary>What every storage disk promises.</summary>
public abstract class StorageDiskContract
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract StorageDisk Disk { get; }

    [Fact]
    public async Task What_is_written_is_read_and_found()
    {
        await WriteAsync("snapshots/base/2026-09-01T00:00:00+00:00.manifest", "content");

        (await ReadAsync("snapshots/base/2026-09-01T00:00:00+00:00.manifest")).Should().Be("content");
        var found = (await Disk.FindAsync("snapshots/base/2026-09-01T00:00:00+00:00.manifest", Cancellation))!.Value;
        (found.Key, found.Size).Should().Be(("snapshots/base/2026-09-01T00:00:00+00:00.manifest", 7));
        found.ModifiedAt.Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Nothing_is_there_before_it_is_written()
    {
        await WriteAsync("repositories/base.json.old", "");

        (await Disk.ReadAsync("repositories/base.json", Cancellation)).Should().BeNull();
        (await Disk.FindAsync("repositories/base.json", Cancellation)).Should().BeNull();
        (await Disk.FindAsync("repositories", Cancellation)).Should().BeNull();
        (await KeysAsync("snapshots/")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_later_write_replaces_an_earlier_one_whole()
    {
        await WriteAsync("machines.json", "the first, which is longer");
        await WriteAsync("machines.json", "the second");

        (await ReadAsync("machines.json")).Should().Be("the second");
    }

    [Fact]
    public async Task An_empty_object_is_an_object()
    {
        await WriteAsync("empty", "");

        (await ReadAsync("empty")).Should().BeEmpty();
        (await Disk.FindAsync("empty", Cancellation))!.Value.Size.Should().Be(0);
    }

    [Fact]
    public async Task A_listing_has_all_below_its_prefix_at_any_depth_and_nothing_else()
    {
        foreach (var key in new[] { "source/base/a", "source/base/x/y/z", "source/base2/a", "source/basement", "snapshots/base/a" })
        {
            await WriteAsync(key, key);
        }

        (await KeysAsync("source/base/")).Should().BeEquivalentTo("source/base/a", "source/base/x/y/z");
        (await KeysAsync("source/")).Should().HaveCount(4);
    }

    [Fact]
    public async Task A_deletion_takes_one_object_and_may_be_repeated()
    {
        await WriteAsync("grace/base/a", "a");
        await WriteAsync("grace/base/ab", "ab");

        await Disk.DeleteAsync("grace/base/a", Cancellation);
        await Disk.DeleteAsync("grace/base/a", Cancellation);
        await Disk.DeleteAsync("grace/other/a", Cancellation);

        (await KeysAsync("grace/")).Should().Equal("grace/base/ab");
    }

    [Fact]
    public async Task A_deletion_of_a_prefix_takes_all_below_it()
    {
        foreach (var key in new[] { "source/base/a", "source/base/x/y", "source/base2/a" })
        {
            await WriteAsync(key, key);
        }

        await Disk.DeleteAllAsync("source/base/", Cancellation);
        await Disk.DeleteAllAsync("source/none/", Cancellation);

        (await KeysAsync("source/")).Should().Equal("source/base2/a");
    }

    [Fact]
    public async Task Of_many_writers_of_one_key_one_is_left_whole()
    {
        var contents = Enumerable.Range(0, 16).Select(number => new string((char)('a' + number), 10_000)).ToList();

        await Task.WhenAll(contents.Select(content => WriteAsync("parceler.json", content)));

        contents.Should().Contain(await ReadAsync("parceler.json"));
    }

    private Task WriteAsync(string key, string content) => Disk.WriteAsync(key, Encoding.UTF8.GetBytes(content), Cancellation);

    private async Task<string> ReadAsync(string key) => Encoding.UTF8.GetString((await Disk.ReadAsync(key, Cancellation))!);

    private async Task<List<string>> KeysAsync(string prefix) => await Disk.ListAsync(prefix, Cancellation).Select(stored => stored.Key).ToListAsync(Cancellation);
}
