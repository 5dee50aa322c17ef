using Parceler.App.Answers;
using Parceler.Jobs;
using Spectre.Console;

namespace Parceler.App.Cli;

/// <summary>Follows jobs until the first try of each is over: their logs and progress on a terminal, their outcome in any case.</summary>
internal sealed class FollowedJobs(CliContext context, JobQueue queue)
{
    private static readonly TimeSpan s_atFirst = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_later = TimeSpan.FromMilliseconds(250);

    /// <returns>Whether all of them succeeded.</returns>
    public async Task<bool> RunAsync(IReadOnlyList<long> ids, CancellationToken cancellation)
    {
        var followed = ids.Select(id => new Followed(id, ids.Count > 1)).ToList();
        if (!context.ErrorIsTerminal)
        {
            return await FollowAsync(followed, null, cancellation);
        }

        var succeeded = await context.ErrorConsole.Progress().AutoClear(true).StartAsync(bars => FollowAsync(followed, bars, cancellation));
        followed.Select(f => f.Last).OfType<Job>().ToList().ForEach(Tell); // while there are bars, they draw over it
        return succeeded;
    }

    private async Task<bool> FollowAsync(List<Followed> followed, ProgressContext? bars, CancellationToken cancellation)
    {
        for (var rest = s_atFirst; ; rest = rest < s_later ? rest * 1.03 : s_later) // a short job is not to last longer by the wait for it
        {
            foreach (var one in followed.Where(f => !f.IsOver))
            {
                await LookAsync(one, bars, cancellation);
            }

            if (followed.TrueForAll(f => f.IsOver))
            {
                return followed.TrueForAll(f => f.Succeeded);
            }

            await Task.Delay(rest, context.Clock, cancellation);
        }
    }

    private async Task LookAsync(Followed one, ProgressContext? bars, CancellationToken cancellation)
    {
        if (await queue.FindAsync(one.Id, cancellation) is not { } job)
        {
            one.End(false);
            context.Note($"Job {one.Id} is gone from the queue");
            return;
        }

        if (bars is not null)
        {
            await ShowAsync(one, job, bars, cancellation);
        }

        if (job.IsOver || job.IsRetrying)
        {
            one.End(job.State == JobState.Succeeded, job);
            if (bars is null)
            {
                Tell(job);
            }
        }
    }

    private async Task ShowAsync(Followed one, Job job, ProgressContext bars, CancellationToken cancellation)
    {
        foreach (var line in await queue.LogAsync(one.Id, one.LastLine, cancellation))
        {
            one.LastLine = line.Number;
            context.ErrorConsole.WriteLine(one.IsOneOfMany ? $"{job.Subject}: {line.Text}" : line.Text);
        }

        one.Show(job, bars);
    }

    private void Tell(Job job)
    {
        var what = JobWords.What(job.Kind, job.Subject);
        if (job.State == JobState.Succeeded)
        {
            context.Say($"{what} is done: {JobWords.Done(job)}");
            return;
        }

        context.Note(job.State == JobState.Cancelled ? $"{what} was cancelled" : job.Error ?? $"{what} failed");
        if (job.IsRetrying)
        {
            context.Note($"It is tried again at {Listing.Time(job.NotBefore)}; to try at once, ask for it again");
        }
    }

    private sealed class Followed(long id, bool isOneOfMany)
    {
        private ProgressTask? _bar;

        public long Id => id;

        public bool IsOneOfMany => isOneOfMany;

        public long LastLine { get; set; }

        public bool IsOver { get; private set; }

        public bool Succeeded { get; private set; }

        /// <summary>The job as it was when its first try was over.</summary>
        public Job? Last { get; private set; }

        public void End(bool succeeded, Job? last = null)
        {
            (IsOver, Succeeded, Last) = (true, succeeded, last);
            _bar?.StopTask();
        }

        public void Show(Job job, ProgressContext bars)
        {
            var state = job.State == JobState.Running ? job.Progress?.What ?? "running" : job.State.InDb();
            var words = Markup.Escape(job.Subject.Length == 0 ? state : $"{job.Subject}: {state}");
            _bar ??= bars.AddTask(words);
            _bar.Description = words;
            _bar.IsIndeterminate = job.Progress is not { Total: > 0 };
            _bar.MaxValue = Math.Max(1, job.Progress?.Total ?? 1);
            _bar.Value = job.Progress?.Done ?? 0;
        }
    }
}
