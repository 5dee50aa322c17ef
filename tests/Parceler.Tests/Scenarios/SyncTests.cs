using System.Net.Sockets;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>Whole syncs, from the request to what machines get: good ones, and every way in which one can go wrong.</summary>
public class SyncTests : IAsyncLifetime
{
    private static readonly RepositoryName s_name = RepositoryName.Parse("netsec");
    private TestParceler _parceler = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Go => Path.Combine(_parceler.UpstreamOf("netsec"), "go");

    public async ValueTask InitializeAsync()
    {
        _parceler = await TestParceler.StartAsync();
        _parceler.WriteUpstream("netsec", "a.ipk", "good");
        await _parceler.CreateAsync("netsec", delay: 0);
    }

    public ValueTask DisposeAsync() => _parceler.DisposeAsync();

    [Theory]
    [InlineData("echo no such mirror >&2; exit 23", "failed with status 23. Its last lines:\nno such mirror")]
    [InlineData("no-such-tool", "failed with status 127")]
    [InlineData("echo bad > source/netsec/a.ipk; kill -KILL $$", "was killed by signal 9 (KILL)")]
    [InlineData("rm -rf source/netsec/*", "the tree holds no file. If upstream is really empty: parceler repository edit netsec --allow-empty")]
    [InlineData("rm -rf ./source/*/* ; mkdir source/netsec/empty", "the tree holds no file")]
    [InlineData("ln -s /etc/passwd source/netsec/leak", "'leak' is a link that leaves the tree")]
    [InlineData("rm -rf source/netsec/sub; ln -s /etc source/netsec/sub", "'sub' is a link that leaves the tree", "sub")]
    [InlineData("ln -s nowhere source/netsec/dangling", "'dangling' is a link to nothing")]
    [InlineData("mkdir source/netsec/d; mkfifo source/netsec/d/pipe", "'d/pipe' is neither a file nor a folder")]
    public async Task A_sync_that_goes_wrong_makes_no_snapshot_and_says_why(string command, string reason, string sourceFolder = "")
    {
        await EditAsync(settings => settings with { Command = command, SourceFolder = sourceFolder });

        await FailsAsync(reason);
    }

    [Fact]
    public async Task A_sync_that_finds_a_socket_makes_no_snapshot()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_parceler.UpstreamOf("netsec"), "socket")));

        await FailsAsync("'socket' is neither a file nor a folder");
    }

    [Fact]
    public async Task A_sync_whose_time_is_up_makes_no_snapshot()
    {
        await EditAsync(settings => settings with { Command = $"echo half > source/netsec/a.ipk; touch '{Go}'; sleep 600", TimeLimit = TimeSpan.FromMinutes(10) });
        _parceler.ExpectsFailures = true;

        var sync = _parceler.SyncAsync("netsec");
        await UntilAsync(() => File.Exists(Go));
        _parceler.Clock.Advance(TimeSpan.FromMinutes(10));

        (await sync).Error.Should().Contain("was ended at its time limit of 00:10:00");
        await StillGoodAsync();
    }

    [Fact]
    public async Task A_source_folder_that_is_not_there_makes_no_snapshot()
    {
        await EditAsync(settings => settings with { SourceFolder = "feed" });

        await FailsAsync("the command left no folder 'feed' in its source");
    }

    [Fact]
    public async Task A_source_folder_is_the_repository_and_nothing_beside_it_is()
    {
        await EditAsync(settings => settings with { SourceFolder = "feed/x86" });
        _parceler.WriteUpstream("netsec", "feed/x86/a.ipk", "in the folder");

        await _parceler.SyncAsync("netsec");

        (await _parceler.ReadAsync("netsec", "a.ipk")).Should().Be("in the folder");
        (await _parceler.ReadAsync("netsec", "feed/x86/a.ipk")).Should().BeNull();
    }

    [Fact]
    public async Task An_upstream_that_may_be_empty_makes_an_empty_snapshot()
    {
        await EditAsync(settings => settings with { Command = "rm -rf source/netsec/*", AllowEmpty = true });

        var job = await _parceler.SyncAsync("netsec");

        job.State.Should().Be(JobState.Succeeded);
        (await _parceler.SnapshotsAsync("netsec")).Should().HaveCount(2);
        _parceler.Clock.Advance(TimeSpan.FromHours(73)); // the grace of what was served before
        (await _parceler.ReadAsync("netsec", "a.ipk")).Should().BeNull();
    }

    [Fact]
    public async Task A_sync_that_finds_nothing_changed_makes_a_snapshot_without_a_new_blob()
    {
        var before = await BlobsAsync();
        _parceler.Clock.Advance(TimeSpan.FromDays(1));

        var job = await _parceler.SyncAsync("netsec");

        job.Result.Should().Contain("\"newBytes\":0");
        (await _parceler.SnapshotsAsync("netsec")).Should().Equal("2026-09-01T06:00:00+00:00", "2026-09-02T06:00:00+00:00");
        (await BlobsAsync()).Should().BeEquivalentTo(before);
    }

    [Fact]
    public async Task An_edit_acts_at_the_next_sync_and_not_at_the_one_that_runs()
    {
        await EditAsync(settings => settings with { Command = Waiting("echo old > source/netsec/a.ipk") });
        var sync = _parceler.SyncAsync("netsec");
        await UntilAsync(() => File.Exists(Go + ".waits"));

        await EditAsync(settings => settings with { Command = "echo new > source/netsec/a.ipk" });
        await File.WriteAllTextAsync(Go, "", Cancellation);

        (await sync).State.Should().Be(JobState.Succeeded);
        (await _parceler.ReadAsync("netsec", "a.ipk")).Should().Be("old\n");
        await _parceler.SyncAsync("netsec");
        (await _parceler.ReadAsync("netsec", "a.ipk")).Should().Be("new\n");
    }

    [Fact]
    public async Task A_sync_that_ends_after_its_repository_was_deleted_commits_nothing()
    {
        _parceler.ExpectsFailures = true;
        await EditAsync(settings => settings with { Command = Waiting("echo late > source/netsec/a.ipk") });
        var id = (await _parceler.Get<RepositoryCatalog>().GetAsync(s_name, Cancellation)).Id;
        var sync = _parceler.SyncAsync("netsec");
        await UntilAsync(() => File.Exists(Go + ".waits"));

        var delete = _parceler.Get<DeleteRepository>().RunAsync(s_name, Cancellation);
        await UntilAsync(() => _parceler.Get<RepositoryCatalog>().FindAsync(s_name, Cancellation).GetAwaiter().GetResult() is null);
        await File.WriteAllTextAsync(Go, "", Cancellation);

        var job = await sync;
        await delete;
        (job.State, job.Error).Should().Be((JobState.Cancelled, "The sync of 'netsec' made no snapshot: The repository 'netsec' was deleted while it was synced: nothing was kept"));
        (await _parceler.ReadAsync("netsec", "a.ipk")).Should().BeNull();
        foreach (var folder in new[] { "source/", "snapshots/", "repositories/" })
        {
            (await _parceler.KeysAsync(folder)).Should().BeEmpty();
        }

        Directory.GetFileSystemEntries(Path.Combine(_parceler.StorageFolder, "source")).Should().BeEmpty();

        Directory.GetFileSystemEntries(Path.Combine(_parceler.StorageFolder, "work"), $"*{id}*").Should().BeEmpty();
    }

    [Fact]
    public async Task A_failure_after_the_snapshot_was_made_does_not_make_another_one()
    {
        Assert.SkipWhen(TestStorage.IsBucket, "an object of a bucket can't be in the way of another");
        var file = Path.Combine(_parceler.StorageFolder, "repositories/netsec.json");
        File.Delete(file);
        Directory.CreateDirectory(file); // can be neither read nor replaced

        var job = await _parceler.SyncAsync("netsec");

        job.State.Should().Be(JobState.Succeeded);
        (await _parceler.Get<JobQueue>().LogAsync(job.Id, 0, Cancellation)).Should().Contain(line => line.Text.StartsWith("warning: the snapshot was made", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_source_folder_that_cannot_be_made_makes_no_snapshot()
    {
        var source = Path.Combine(_parceler.StorageFolder, "source/netsec");
        Directory.Delete(source, recursive: true);
        await File.WriteAllTextAsync(source, "in the way", Cancellation);

        await FailsAsync($"'{source}' already exists");
    }

    [Fact]
    public async Task A_name_is_used_again_only_when_nothing_of_the_deleted_repository_is_left()
    {
        _parceler.ExpectsFailures = true;
        await EditAsync(settings => settings with { Command = Waiting("echo late > source/netsec/late.ipk") });
        var sync = _parceler.SyncAsync("netsec");
        await UntilAsync(() => File.Exists(Go + ".waits"));
        var delete = _parceler.Get<DeleteRepository>().RunAsync(s_name, Cancellation);
        await UntilAsync(() => _parceler.Get<RepositoryCatalog>().FindAsync(s_name, Cancellation).GetAwaiter().GetResult() is null);

        var create = _parceler.CreateAsync("netsec", delay: 0, sync: false);
        await File.WriteAllTextAsync(Go, "", Cancellation);
        await Task.WhenAll(sync, delete, create);
        await _parceler.SyncAsync("netsec");

        delete.IsCompletedSuccessfully.Should().BeTrue();
        (await _parceler.ReadAsync("netsec", "a.ipk")).Should().Be("good");
        (await _parceler.ReadAsync("netsec", "late.ipk")).Should().BeNull();
    }

    private async Task FailsAsync(string reason)
    {
        _parceler.ExpectsFailures = true;

        var job = await _parceler.SyncAsync("netsec");

        job.IsRetrying.Should().BeTrue();
        job.Error.Should().StartWith("The sync of 'netsec' made no snapshot: ").And.Contain(reason);
        (await _parceler.Get<JobQueue>().LogAsync(job.Id, 0, Cancellation)).Should().Contain(line => line.Text.Contains(reason.Split('\n')[0], StringComparison.Ordinal));
        await StillGoodAsync();
    }

    private async Task StillGoodAsync()
    {
        (await _parceler.ReadAsync("netsec", "a.ipk")).Should().Be("good");
        (await _parceler.SnapshotsAsync("netsec")).Should().ContainSingle();
        (await _parceler.KeysAsync("snapshots/netsec/")).Should().ContainSingle();
    }

    private string Waiting(string then) => $"touch '{Go}.waits'; while [ ! -e '{Go}' ]; do sleep 0.05; done; {then}";

    private Task<Repository> EditAsync(Func<RepositorySettings, RepositorySettings> edit) => _parceler.Get<EditRepository>().RunAsync(s_name, edit, Cancellation);

    private Task<List<string>> BlobsAsync() => _parceler.KeysAsync("blobs/");

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            tries.Should().BeLessThan(200);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }
    }
}
