using Microsoft.Extensions.Logging;

namespace Parceler.Database;

/// <summary>Watches a file that is touched at each change: the file system of one machine reports it at once.</summary>
internal sealed partial class FileWatch : ChangeWatch
{
    private readonly FileSystemWatcher? _watcher;

    public FileWatch(string file, Action heard, ILogger log)
    {
        var path = Path.GetFullPath(file);
        try
        {
            _watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path));
            _watcher.NotifyFilter = NotifyFilters.LastWrite;
            _watcher.Changed += (_, _) => heard();
            _watcher.EnableRaisingEvents = true;
        }
        catch (IOException e) // no inotify watches left: the looks remain
        {
            NoWatch(log, e);
        }
    }

    public override TimeSpan LookEvery => TimeSpan.FromMilliseconds(500);

    public override ValueTask DisposeAsync()
    {
        _watcher?.Dispose();
        return ValueTask.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database file can't be watched; changes of other processes are seen within half a second")]
    private static partial void NoWatch(ILogger log, Exception e);
}
