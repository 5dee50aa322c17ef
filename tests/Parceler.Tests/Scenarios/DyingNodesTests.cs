using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Parceler.Database;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>
/// Two web nodes, two workers and two schedulers over one PostgreSQL and one bucket, under load, while each is killed and started
/// again in turn. PARCELER_CLUSTER_SECONDS makes it longer.
/// </summary>
[Collection(nameof(Alone))]
[Trait("Speed", "slow")]
public sealed class DyingNodesTests : IAsyncLifetime
{
    private const int Machines = 4;
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("PARCELER_CLUSTER_SECONDS") ?? "45", CultureInfo.InvariantCulture));
    private readonly InstalledParceler _parceler = new();
    private readonly TempFolder _upstream = new();
    private readonly List<ClusterNode> _nodes = [];
    private readonly ConcurrentBag<string> _faults = [];
    private FakeLicenceServer _licences = null!;
    private PostgresAddress _database = null!;
    private int _generation;
    private int _kills;
    private int _updates;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private List<ClusterNode> Web => _nodes.FindAll(node => node.Role == "web");

    public async ValueTask InitializeAsync()
    {
        _licences = await FakeLicenceServer.StartAsync();
        _licences.Everybody = new(200);
        _database = await (await PostgresServer.SharedAsync()).CreateAsync();
        var settings = PostgresServer.SettingsOf(_database).Concat(await (await S3Server.Shared).NewSettingsAsync());
        foreach (var (name, value) in settings)
        {
            _parceler.Environment[name] = value!;
        }

        _parceler.Environment["S3_DELIVERY"] = "stream";
        _parceler.Environment["AUTHORITY_WAIT_S"] = "60";
        _parceler.Environment["ENTERPRISE_ENDPOINT"] = _licences.Enterprise.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _parceler.Dispose();
        _upstream.Dispose();
        await _licences.DisposeAsync();
        (await PostgresServer.SharedAsync()).Drop(_database);
    }

    [Fact]
    public async Task Nodes_die_in_turn_and_no_machine_sees_a_wrong_byte_and_every_sync_is_done_once()
    {
        await StartAsync();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var machines = Enumerable.Range(0, Machines).Select(number => Task.Run(() => UpdateAgainAndAgainAsync(number, ending.Token))).ToList();
        var syncs = SyncAgainAndAgainAsync(ending.Token);
        var load = Web.Select(LoadAsync).ToList();

        await KillInTurnAsync();
        await ending.CancelAsync();
        await Task.WhenAll([.. machines, syncs]);
        var reports = await Task.WhenAll(load);

        _faults.Should().BeEmpty();
        reports.Should().NotContain(report => report.Contains("Non-2xx", StringComparison.Ordinal));
        _updates.Should().BeGreaterThan(50);
        _kills.Should().BeGreaterThanOrEqualTo(_nodes.Count);
        _licences.Calls.Count.Should().BeLessThan(_licences.Calls.Distinct().Count() * 11 / 10, "a machine costs one call, but where the node that asked dies with the answer");
        var jobs = (await _parceler.DoneAsync("job", "list", "--json")).Json.EnumerateArray().Where(job => job.GetProperty("kind").GetString() == "repository.sync").ToList();
        jobs.Should().OnlyContain(job => job.GetProperty("state").GetString() == "succeeded");
        jobs.Should().HaveCount(_generation);
        await _parceler.DoneAsync("verify");
        TestContext.Current.TestOutputHelper!.WriteLine($"{_kills} kills, {_updates} updates, {_generation} syncs; {string.Join(" | ", reports.Select(report => report.Split('\n').FirstOrDefault(line => line.Contains("Requests/sec", StringComparison.Ordinal))))}");
    }

    private async Task StartAsync()
    {
        foreach (var role in new[] { "web", "worker", "scheduler", "web", "worker", "scheduler" })
        {
            _nodes.Add(await ClusterNode.StartAsync(_parceler, role, _nodes.Count));
        }

        await _parceler.DoneAsync("repository", "create", "demo", "--command", $"cp {_upstream.Path}/* source/demo/", "--delay", "0", "--gate", "off", "--no-sync");
        await SyncAsync();
    }

    private async Task SyncAgainAndAgainAsync(CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            await SyncAsync();
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Cancellation);
        }
    }

    // The tree of the next generation, and both web nodes serve it soon after.
    private async Task SyncAsync()
    {
        var next = _generation + 1;
        foreach (var name in ClusterNode.Files)
        {
            _upstream.Write(name, $"{name} of {next}");
        }

        _generation = next;
        await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
        var number = 0;
        await Wait.UntilAsync(async () => await AllSeeAsync(next, number++), $"all nodes serve generation {next}");
    }

    private async Task<bool> AllSeeAsync(int generation, int number)
    {
        foreach (var node in Web)
        {
            if (await node.TryReadAsync($"watch-{generation}-{number}", "Packages", _faults) is { } seen && !seen.EndsWith($" of {generation}", StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    // Each time a new machine; each of its files from another node, and from whichever lives.
    private async Task UpdateAgainAndAgainAsync(int number, CancellationToken ending)
    {
        for (var count = 0; !ending.IsCancellationRequested; count++)
        {
            var generations = new HashSet<string>();
            for (var at = 0; at < ClusterNode.Files.Length; at++)
            {
                var content = await ReadAsync($"M-{number}-{count}", ClusterNode.Files[at], number + count + at);
                generations.Add(content[(content.LastIndexOf(' ') + 1)..]);
                if (!content.StartsWith($"{ClusterNode.Files[at]} of ", StringComparison.Ordinal))
                {
                    _faults.Add($"{ClusterNode.Files[at]} was '{content}'");
                }
            }

            if (generations.Count > 1)
            {
                _faults.Add($"M-{number}-{count} saw {string.Join(" and ", generations)}");
            }

            Interlocked.Increment(ref _updates);
        }
    }

    private async Task<string> ReadAsync(string machine, string path, int first)
    {
        for (var tries = 0; ; tries++)
        {
            if (await Web[(first + tries) % 2].TryReadAsync(machine, path, _faults) is { } content)
            {
                return content;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }
    }

    private async Task KillInTurnAsync()
    {
        var since = TimeProvider.System.GetTimestamp();
        for (var at = 0; at < _nodes.Count || TimeProvider.System.GetElapsedTime(since) < s_time; at++)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Cancellation);
            await _nodes[at % _nodes.Count].KillAsync();
            _kills++;
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Cancellation);
            await _nodes[at % _nodes.Count].StartAgainAsync();
        }
    }

    private static async Task<string> LoadAsync(ClusterNode node)
    {
        using var folder = new TempFolder();
        var (since, report) = (TimeProvider.System.GetTimestamp(), "");
        while (TimeProvider.System.GetElapsedTime(since) < s_time)
        {
            string[] words = ["wrk", "--threads", "1", "--connections", "4", "--duration", "15s", "--header", $"Authorization: {RawRequest.Basic("load", "secret")}", $"{node.Address}repository/enterprise/demo/hello.ipk"];
            var ran = await new RealClient(folder.Path).RunAsync("nice", words);
            report += ran.ExitCode == 0 || ran.Output.Contains("unable to connect", StringComparison.Ordinal) ? ran.Output : ran.Succeeded().Output; // it may be dead just now
        }

        return report;
    }
}

/// <summary>One process of the cluster, with a work folder and an address of its own.</summary>
internal sealed class ClusterNode(InstalledParceler parceler, string role, string storage, Uri address)
{
    /// <summary>An index, its signature and a package.</summary>
    public static readonly string[] Files = ["Packages", "Packages.sig", "hello.ipk"];

    private static readonly HttpClient s_client = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(1) });
    private RunningParceler _running = null!;
    private volatile int _life; // changes with each kill and each start

    public string Role => role;

    public Uri Address => address;

    public static async Task<ClusterNode> StartAsync(InstalledParceler parceler, string role, int number)
    {
        var node = new ClusterNode(parceler, role, parceler.Folder[$"node-{number}"], new($"http://127.0.0.1:{FreePort.Find()}/"));
        await node.StartAgainAsync();
        return node;
    }

    public async Task StartAgainAsync()
    {
        _running = await parceler.StartAsync([("STORAGE_PATH", storage), ("ASPNETCORE_URLS", address.ToString())], role);
        _life++;
    }

    public async Task KillAsync()
    {
        _life++;
        await _running.KillAsync();
    }

    /// <summary>The file as a machine gets it; null when the node is dead, or died meanwhile.</summary>
    public async Task<string?> TryReadAsync(string machine, string path, ConcurrentBag<string> faults)
    {
        var life = _life;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, $"repository/enterprise/demo/{path}"));
        request.Headers.Add("Authorization", RawRequest.Basic(machine, "secret"));
        try
        {
            using var answer = await s_client.SendAsync(request, TestContext.Current.CancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            }

            faults.Add($"{path} was answered with {answer.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            if (life == _life && !_running.IsOver && life % 2 == 1)
            {
                faults.Add($"{path} of a living node failed: {e.Message}");
            }
        }

        return null;
    }
}
