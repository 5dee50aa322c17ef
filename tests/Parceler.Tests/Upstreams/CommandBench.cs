using Parceler.Repositories;
using Parceler.Tests.Support;
using Parceler.Upstreams;

namespace Parceler.Tests.Upstreams;

/// <summary>A repository's folders, and the runs of commands on them.</summary>
internal sealed class CommandBench : IDisposable
{
    public CommandBench()
    {
        Directory.CreateDirectory(Work);
        Directory.CreateDirectory(Source);
    }

    public TempFolder Folder { get; } = new();
    public string Source => Folder["storage/source/nethsecurity"];
    public string Work => Path.Combine(Folder["storage"], "work", "nethsecurity");
    public CommandUpstream Upstream { get; init; } = new(TimeProvider.System);
    public List<string> Lines { get; } = [];

    public CommandRun Prepare(string command, TimeSpan? limit = null) => new(RepositoryName.Parse("nethsecurity"), command, Source, Work, limit);

    public Task<CommandOutcome> RunAsync(string command, TimeSpan? limit = null) =>
        Upstream.RunAsync(Prepare(command, limit), Lines.Add, TestContext.Current.CancellationToken);

    public string[] SourceFiles() =>
        [.. Directory.EnumerateFiles(Source, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Source, file)).Order(StringComparer.Ordinal)];

    public string ReadSource(string relative) => File.ReadAllText(Path.Combine(Source, relative));

    public void Dispose() => Folder.Dispose();
}
