using System.Text.Json;
using Parceler.Database;

namespace Parceler.Jobs;

/// <summary>One try of a job while it runs: what it says is in the database within a second, so that others can follow.</summary>
internal sealed class JobRun(Job job, ParcelerDb db, TimeProvider clock)
{
    private const int MostLines = 20_000;
    private readonly Lock _gate = new();
    private List<(DateTimeOffset At, string Text)> _lines = [];
    private int _count;
    private JobProgress? _progress;
    private JobProgress? _written;

    public Job Job => job;

    public void Log(string line)
    {
        lock (_gate)
        {
            _count++;
            if (_count <= MostLines)
            {
                _lines.Add((clock.GetUtcNow(), line));
            }
            else if (_count == MostLines + 1)
            {
                _lines.Add((clock.GetUtcNow(), $"more than {MostLines} lines: the rest is not kept"));
            }
        }
    }

    public void Progress(string what, long done, long total)
    {
        if (_progress is not { } last || last.Done != done || last.What != what)
        {
            _progress = new(what, done, total);
        }
    }

    /// <summary>Writes what was said since the last call. Not to be called twice at once.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        var (lines, progress) = Take();
        if (lines.Count == 0 && progress == _written)
        {
            return;
        }

        try
        {
            await db.WriteAsync(session => WriteAsync(session, lines, progress), cancellation);
            _written = progress;
        }
        catch
        {
            PutBack(lines);
            throw;
        }
    }

    /// <summary>Adds a line to the log of a job, in the caller's transaction.</summary>
    public static Task<int> WriteLineAsync(DbSession session, Job job, DateTimeOffset at, string text) =>
        session.ExecuteAsync(
            """
            insert into job_log (job_id, number, try, at, line)
            values (@id, (select coalesce(max(number), 0) + 1 from job_log where job_id = @id), @try, @at, @line)
            """,
            ("@id", job.Id),
            ("@try", job.Tries),
            ("@at", at.ToDb()),
            ("@line", text)
        );

    private (List<(DateTimeOffset At, string Text)>, JobProgress?) Take()
    {
        lock (_gate)
        {
            var lines = _lines;
            _lines = [];
            return (lines, _progress);
        }
    }

    private void PutBack(List<(DateTimeOffset At, string Text)> lines)
    {
        lock (_gate)
        {
            _lines.InsertRange(0, lines);
        }
    }

    private async Task WriteAsync(DbSession session, List<(DateTimeOffset At, string Text)> lines, JobProgress? progress)
    {
        foreach (var (at, text) in lines)
        {
            await WriteLineAsync(session, job, at, text);
        }

        await session.ExecuteAsync(
            "update jobs set progress = @progress where id = @id",
            ("@id", job.Id),
            ("@progress", progress is null ? null : JsonSerializer.Serialize(progress, JobsJson.Default.JobProgress))
        );
    }
}
