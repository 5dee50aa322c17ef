namespace Parceler.Database;

/// <summary>flock(2) behind <see cref="FileShare.None"/>: seen by every process of this machine, and the kernel gives it back after a crash.</summary>
internal sealed class FileLock : DatabaseLock
{
    private const int InUse = 11; // EWOULDBLOCK of flock(2)
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(20);
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    public static async Task<FileLock> TakeAsync(string file, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        while (true)
        {
            try
            {
                return new(new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException e) when (e.HResult == InUse)
            {
                await Task.Delay(s_lookEvery, TimeProvider.System, cancellation); // another process: real time
            }
        }
    }

    public override Task<bool> IsHeldAsync(CancellationToken cancellation) => Task.FromResult(true);

    public override void Dispose() => _file.Dispose();
}
