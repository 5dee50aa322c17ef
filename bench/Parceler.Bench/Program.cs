using BenchmarkDotNet.Running;
using Parceler.Bench;

if (args is ["tree", var folder, .. var options])
{
    var number = (string name, int fallback) => Array.IndexOf(options, name) is >= 0 and var at ? int.Parse(options[at + 1], null) : fallback;
    new ReleaseTree(number("--files", 10_000), number("--day", 0), options.Contains("--small")).Write(folder);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(ReleaseTree).Assembly).Run(args);
