using System.Diagnostics;

namespace Parceler.Tests.Support;

/// <summary>What a real program did.</summary>
internal sealed record ClientRun(int ExitCode, string Output)
{
    /// <summary>The run itself, which has to have succeeded.</summary>
    public ClientRun Succeeded()
    {
        ExitCode.Should().Be(0, "{0}", Output);
        return this;
    }
}

/// <summary>
/// A real program of the kind that machines run, in an environment of the test's own: no proxy, no settings of the user
/// who runs the tests. One that isn't installed fails the test.
/// </summary>
internal sealed class RealClient(string folder, params (string Name, string Value)[] environment)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    public async Task<ClientRun> RunAsync(string program, params string[] arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_limit);
        using var process = Process.Start(Prepare(program, arguments))!;
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private ProcessStartInfo Prepare(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment.Prepend(("HOME", folder)).Prepend(("LC_ALL", "C")).Prepend(("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")))
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
