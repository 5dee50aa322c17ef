using System.Diagnostics;

namespace Parceler.Tests.Formats;

/// <summary>A program of the system, as an independent judge of what we write and read.</summary>
internal static class RealProgram
{
    /// <summary>Runs it and returns its exit code and what it printed; the test is skipped where it isn't installed.</summary>
    public static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        Require(program);
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }

    /// <summary>Skips the test where the program isn't installed; within a property of CsCheck a skip would count as a failure.</summary>
    public static void Require(string program) => Assert.SkipUnless(IsInstalled(program), $"{program} is not installed");

    private static bool IsInstalled(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
