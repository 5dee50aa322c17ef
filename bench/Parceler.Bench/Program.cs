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
    default:
        BenchmarkSwitcher.FromAssembly(typeof(ReleaseTree).Assembly).Run(args);
        break;
}
