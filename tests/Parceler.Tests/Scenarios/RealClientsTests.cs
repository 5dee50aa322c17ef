using System.Collections.Concurrent;
using Parceler.App.Cli;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>
/// apt, dnf and routers update and download without a pause, new machines and old ones, while an operator releases, freezes and
/// unfreezes every second. Nobody ever notices.
/// </summary>
[Collection(nameof(Alone))]
[Trait("Speed", "slow")]
public sealed class RealClientsTests(DebianPackages debian) : IClassFixture<DebianPackages>, IAsyncLifetime
{
    private const int UpdatesOfAMachine = 2;
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(60);
    private readonly InstalledParceler _parceler = new();
    private readonly ConcurrentBag<(string Kind, string State)> _updates = [];
    private FakeLicenceServer _licences = null!;
    private TwoStates _upstream = null!;
    private int _switches;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _upstream = await TwoStates.MakeAsync(debian);
        _licences = await FakeLicenceServer.StartAsync();
        _licences.Everybody = new(200);
        _parceler.Environment["AUTHORITY_WAIT_S"] = "60"; // a fault of another kind, where the machine is slow
        _parceler.Environment["ENTERPRISE_ENDPOINT"] = _licences.Enterprise.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _parceler.Dispose();
        _upstream.Dispose();
        await _licences.DisposeAsync();
    }

    [Fact]
    public async Task No_client_notices_that_releases_and_freezes_switch_every_second()
    {
        await using var service = await _parceler.StartAsync("serve");
        await CommandAsync("repository", "create", "demo", "--command", $"rm -rf source/demo/*; cp -a {_upstream.Current}/. source/demo/", "--gate", "off", "--no-sync"); // its upstream goes back to states that it had
        await CommandAsync("repository", "sync", "demo", "--wait");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        ending.CancelAfter(s_long);

        await Task.WhenAll(
            SwitchAsync(ending),
            UpdateAsync("apt", repository => new AptMachine(repository, debian), ending),
            UpdateAsync("dnf", repository => new DnfMachine(repository, debian), ending),
            UpdateAsync("router", repository => new RouterMachine(repository, _upstream.FeedKey), ending),
            UpdateAsync("other-router", repository => new RouterMachine(repository, _upstream.FeedKey), ending)
        );

        var told = string.Join(", ", _updates.CountBy(update => update).OrderBy(update => update.Key).Select(update => $"{update.Key.Kind} of {update.Key.State}: {update.Value}"));
        TestContext.Current.TestOutputHelper!.WriteLine($"{_switches} switches; {told}");
        _switches.Should().BeGreaterThan(8);
        _updates.Select(update => update.Kind).Distinct().Should().HaveCount(4);
        _updates.CountBy(update => update.Kind).Should().OnlyContain(kind => kind.Value >= 2);
        _updates.Select(update => update.State).Distinct().Should().HaveCount(2, "it is no test where nothing switches: {0}", told);
    }

    // Each machine updates some times, all in its session; then comes a new one.
    private async Task UpdateAsync(string kind, Func<Uri, UpdatingMachine> make, CancellationTokenSource ending)
    {
        try
        {
            for (var number = 0; !ending.IsCancellationRequested; number++)
            {
                using var machine = make(new($"http://{kind}-{number}:secret@127.0.0.1:{_parceler.Address.Port}/repository/enterprise/demo/"));
                string? first = null;
                for (var update = 0; update < UpdatesOfAMachine && !ending.IsCancellationRequested; update++)
                {
                    var state = await machine.UpdateAsync();
                    state.Should().Be(first ??= state, "{0}-{1} has one session", kind, number);
                    _updates.Add((kind, state));
                }
            }
        }
        catch
        {
            await ending.CancelAsync(); // one fault is enough
            throw;
        }
    }

    private async Task SwitchAsync(CancellationTokenSource ending)
    {
        try
        {
            for (var round = 0; !ending.IsCancellationRequested; round++)
            {
                var since = TimeProvider.System.GetTimestamp();
                await SwitchAsync(round);
                _switches++;
                var rest = TimeSpan.FromSeconds(1) - TimeProvider.System.GetElapsedTime(since);
                await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, TimeProvider.System, Cancellation);
            }
        }
        catch
        {
            await ending.CancelAsync();
            throw;
        }
    }

    // A release of the other state, back by a freeze, forward again, and back: the next release lifts the freeze.
    private async Task SwitchAsync(int round)
    {
        switch (round % 4)
        {
            case 0:
                _upstream.Show(round / 4 % 2 == 0 ? "b" : "a");
                await CommandAsync("repository", "release", "demo", "--wait");
                break;
            case 2:
                await CommandAsync("repository", "unfreeze", "demo");
                break;
            default:
                await CommandAsync("repository", "freeze", "demo", await PreviousAsync());
                break;
        }
    }

    private async Task<string> PreviousAsync() =>
        (await CommandAsync("snapshot", "list", "demo", "--json")).Json.EnumerateArray().Select(snapshot => snapshot.GetProperty("instant").GetString()!).SkipLast(1).Last();

    // In this process: it begins faster than a new one.
    private async Task<Printed> CommandAsync(params string[] words)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var context = new CliContext { Out = output, Error = error, Overrides = new Dictionary<string, string?> { ["STORAGE_PATH"] = _parceler.Storage }, RunRole = (_, _, _, _) => Task.FromResult(1) };
        var status = await CommandLine.RunAsync(words, context, Cancellation);
        status.Should().Be(0, "'{0}' printed: {1}", string.Join(' ', words), error);
        return new(status, output.ToString(), error.ToString());
    }
}
