namespace Parceler.App.Http;

/// <summary>How much the service takes on at once. Beyond it answers 503 to those who come too much first.</summary>
/// <param name="Connections">Open connections.</param>
/// <param name="Requests">Requests that take their time: those for large files, and those that wait for a verdict.</param>
/// <param name="RequestsPerMachine">Of these, of one machine.</param>
/// <param name="SendBytes">Memory for large files under way: with many of them each goes out in smaller pieces.</param>
/// <param name="MemoryBytes">Resident memory of the process from which on it takes on less.</param>
internal sealed record ServiceLimits(int Connections, int Requests, int RequestsPerMachine, long SendBytes, long MemoryBytes)
{
    public static readonly ServiceLimits Usual = new(Connections: 20_000, Requests: 4_000, RequestsPerMachine: 16, SendBytes: 128L << 20, MemoryBytes: 1L << 30);
    public const int Few = 4_096; // connections; with fewer a fleet may wait
    private const int FilesOfTheRest = 256; // database, authorities, commands

    /// <summary>With no more connections than the kernel allows, besides the files.</summary>
    public ServiceLimits Within(long files)
    {
        var requests = (int)Math.Clamp(files / 4, 16, Requests); // each may have a file open that the cache let go
        var connections = (files - requests - FilesOfTheRest) / 21 * 20; // some are open only to be refused
        return this with { Requests = requests, Connections = (int)Math.Clamp(connections, 16, Connections) };
    }
}
