using Parceler.Snapshots;
using Spectre.Console;
using Report = Parceler.Snapshots.Progress;

namespace Parceler.App.Cli;

/// <summary>Shows on a terminal how far a piece of work is; elsewhere it is silent.</summary>
internal static class Bar
{
    public static Task<T> RunAsync<T>(CliContext context, Func<Report, Task<T>> work)
    {
        if (!context.ErrorIsTerminal)
        {
            return Task.Run(() => work((_, _, _) => { }));
        }

        return context
            .ErrorConsole.Progress()
            .AutoClear(true)
            .StartAsync(bars =>
            {
                var bar = bars.AddTask("starting");
                return Task.Run(() => work((what, done, total) => Show(bar, what, done, total)));
            });
    }

    private static void Show(ProgressTask bar, string what, long done, long total)
    {
        bar.Description = Markup.Escape(what);
        bar.IsIndeterminate = total <= 0;
        bar.MaxValue = Math.Max(1, total);
        bar.Value = done;
    }
}
