using System.Globalization;
using Parceler.Tests.Support;

namespace Parceler.Tests.Faults;

/// <summary>
/// Kills the service just before the nth step that it takes on the disk: a rename, a removal, a new folder, a flush. It is
/// a library (die-at-step.c) that is loaded into the process, so nothing in the program is made for it.
/// </summary>
internal sealed class DyingProcess(TempFolder folder)
{
    private string Library => folder["die-at-step.so"];
    private string Plan => folder["die.plan"];
    private string Noted => folder["die.plan.steps"];

    /// <summary>For the environment of the service.</summary>
    public (string, string)[] Environment => [("LD_PRELOAD", Library), ("DIE_PLAN", Plan)];

    public async Task BuildAsync()
    {
        string[] arguments = ["-shared", "-fPIC", "-O1", "-o", Library, Path.Combine(AppContext.BaseDirectory, "Faults", "die-at-step.c"), "-ldl"];
        (await new RealClient(folder.Path).RunAsync("gcc", arguments)).Succeeded();
    }

    /// <summary>From now on the steps of the process count, and the one with this number is not taken.</summary>
    public void DieAt(int step)
    {
        File.Delete(Noted);
        folder.Write("die.new", step.ToString(CultureInfo.InvariantCulture));
        File.Move(folder["die.new"], Plan);
    }

    /// <summary>No longer; returns the steps that were counted.</summary>
    public string[] Disarm()
    {
        File.Delete(Plan);
        return File.ReadAllLines(Noted);
    }
}
