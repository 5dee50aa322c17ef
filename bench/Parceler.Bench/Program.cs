using BenchmarkDotNet.Running;
using Parceler.Bench;

switch (args)
{
    case ["tree", var folder, .. var options]:
        var number = (string name, int fallback) => Array.IndexOf(options, name) is >= 0 and var at ? int.Parse(options[at + 1], null) : fallback;
        new ReleaseTree(number("--files", 10_000), number("--day", 0), options.Contains("--small")).Write(folder);
        break;
    case ["debs", var folder, var count]:
        new DebianPool(int.Parse(count, null)).Write(folder);
        break;
    case ["watch", var address, var credentials, var seconds]:
        await WatchAnswers.RunAsync(new(address), credentials, TimeSpan.FromSeconds(int.Parse(seconds, null)));
        break;
    case ["authority", var port, var milliseconds]:
        using (var authority = new SlowAuthority(int.Parse(port, null), TimeSpan.FromMilliseconds(int.Parse(milliseconds, null))))
        {
            await RunUntilToldAsync(authority);
        }

        break;
    case ["storm", var repository, var list, var machines, var requests, var seconds, var connections]:
        await new NightlyStorm(new(repository), File.ReadAllLines(list), int.Parse(machines, null), int.Parse(requests, null), TimeSpan.FromSeconds(int.Parse(seconds, null)), connections == "each").RunAsync();
        break;
    case ["sessions", var index, var machines]:
        await ManyMachines.LeaseAsync(new(index), int.Parse(machines, null));
        break;
    case ["idle", var address, var connections, var seconds]:
        await ManyMachines.IdleAsync(new(address), int.Parse(connections, null), TimeSpan.FromSeconds(int.Parse(seconds, null)));
        break;
    case ["manifests" or "collect", var folder, var repositories, var snapshots, var files]:
        var many = new CollectMany(folder, int.Parse(repositories, null), int.Parse(snapshots, null), int.Parse(files, null));
        await (args[0] == "manifests" ? many.WriteAsync() : many.CollectAsync());
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(ReleaseTree).Assembly).Run(args);
        break;
}

// Until its input ends; then it says what it counted.
static async Task RunUntilToldAsync(SlowAuthority authority)
{
    using var end = new CancellationTokenSource();
    var running = authority.RunAsync(end.Token);
    while (await Console.In.ReadLineAsync() is not null)
    {
        Console.WriteLine(authority);
    }

    await end.CancelAsync();
    await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    Console.WriteLine($"authority     {authority}");
}
