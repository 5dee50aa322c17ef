using System.Diagnostics;
using System.Globalization;

namespace Parceler.Tests.Support;

/// <summary>
/// A server of <c>tests/servers</c> in a folder and on a port of its own. It ends when this process does, however that comes: the
/// script holds one end of a pipe whose other end is ours.
/// </summary>
internal sealed class ServerScript : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10); // the first start fetches packages
    private readonly string _script;
    private readonly string _data;
    private readonly Process _pipe;

    private ServerScript(string script, string data, Process pipe, IReadOnlyDictionary<string, string> said)
    {
        (_script, _data, _pipe, Said) = (script, data, pipe, said);
    }

    /// <summary>What the script printed when the server stood.</summary>
    public IReadOnlyDictionary<string, string> Said { get; }

    public static async Task<ServerScript> StartAsync(string name, params string[] arguments)
    {
        var (script, data) = (CloneFolder.File($"tests/servers/{name}.sh"), Directory.CreateTempSubdirectory($"parceler-{name}-").FullName);
        var port = FreePort.Find().ToString(CultureInfo.InvariantCulture);
        var pipe = Run(script, ["start", "--data", data, "--port", port, "--with-input", .. arguments]);
        return new(script, data, pipe, await ReadAsync(pipe)) { Port = port };
    }

    public required string Port { get; init; }

    /// <summary>SIGKILL to a part of the server, or to all of it where it has none.</summary>
    public Task KillAsync(params string[] part) => DoneAsync(["kill", "--data", _data, .. part]);

    /// <summary>Brings back what was killed, with its data if it keeps any.</summary>
    public Task StartAgainAsync() => DoneAsync(["start", "--data", _data, "--port", Port]);

    public void Dispose() => _pipe.Dispose(); // and with it our end of the pipe

    private async Task DoneAsync(string[] words)
    {
        using var process = Run(_script, words);
        await ReadAsync(process);
    }

    private static Process Run(string script, string[] words) =>
        Process.Start(new ProcessStartInfo(script, words) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;

    private static async Task<Dictionary<string, string>> ReadAsync(Process process)
    {
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var said = await process.StandardOutput.ReadToEndAsync(CancellationToken.None).WaitAsync(s_limit, TimeProvider.System, CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(s_limit, TimeProvider.System, CancellationToken.None);
        return process.ExitCode == 0
            ? said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1])
            : throw new InvalidOperationException($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)}: {await error}");
    }
}
