using System.Diagnostics;
using Parceler.Tests.Cli;

namespace Parceler.Tests.Support;

/// <summary>
/// The executable itself, as an operator runs it: in a folder of its own, which also holds its storage, and with nothing
/// of the environment of the tests.
/// </summary>
internal sealed class ParcelerProgram(string program, TempFolder folder)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    /// <summary>The one of the ordinary build, beside the tests.</summary>
    public static string Ordinary { get; } = Path.Combine(AppContext.BaseDirectory, "parceler");

    public Dictionary<string, string> Environment { get; } = [];

    public TempFolder Folder => folder;

    public async Task<Printed> RunAsync(params string[] words)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_limit);
        using var process = Process.Start(Prepare(words))!;
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Runs a command that has to succeed.</summary>
    public async Task<Printed> DoneAsync(params string[] words)
    {
        var printed = await RunAsync(words);
        printed.Status.Should().Be(0, "{0} printed: {1}", string.Join(' ', words), printed.Error);
        return printed;
    }

    /// <summary>Starts a role and waits until it says that it runs.</summary>
    public Task<RunningProgram> StartAsync(params string[] words) => RunningProgram.StartAsync(Prepare(words));

    private ProcessStartInfo Prepare(string[] words)
    {
        var start = new ProcessStartInfo(program, words)
        {
            WorkingDirectory = folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["HOME"] = folder.Path;
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath("../../../..", typeof(object).Assembly.Location); // of no use to a native one
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
