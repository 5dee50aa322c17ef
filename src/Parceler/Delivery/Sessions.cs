using System.Data.Common;
using Microsoft.Extensions.Logging;
using Parceler.Database;
using Parceler.Entitlements;

namespace Parceler.Delivery;

/// <summary>
/// Finds the file that a machine gets at a path: from the snapshot of its session, which starts at its first read of an index.
/// From memory, without a lock, as long as this server's memory says all that any server knows; else the database decides.
/// </summary>
internal sealed partial class Sessions(
    CurrentDeliveryMap map,
    Readings readings,
    LeaseStore store,
    SharedSessions shared,
    StandingSwitches switches,
    LeaseRule rule,
    TimeProvider clock,
    ILogger<Sessions> log
)
{
    private const int MostTries = 5; // each time another switch came in between
    private long _started;

    /// <summary>How many sessions this process has started.</summary>
    public long Started => Interlocked.Read(ref _started);

    /// <returns>False when memory can't decide: <see cref="FindAsync"/> does.</returns>
    public bool TryFind(ServedRepository repository, MachineKey machine, ReadOnlySpan<char> path, DateTimeOffset now, out DeliveredFile? file) =>
        TryFind(repository, new(repository.Id, machine), path, now.ToUnixTimeMilliseconds(), inAnyCase: false, out file);

    /// <summary>Decides in any case. The path is one of a repository of this name.</summary>
    public async ValueTask<DeliveredFile?> FindAsync(string name, MachineKey machine, string path, CancellationToken cancellation)
    {
        for (var tries = 0; map.Map.TryFind(name, out var repository); tries++)
        {
            var reader = new Reader(repository.Id, machine);
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            if (TryFind(repository, reader, path, now, inAnyCase: tries == MostTries, out var file))
            {
                return file;
            }

            try
            {
                if (await shared.DecideAsync(repository, reader, path, now, cancellation) is { } choice)
                {
                    return choice.FileIn(repository, path, rule, now);
                }

                await map.RefreshAsync(cancellation); // another snapshot is served by now
            }
            catch (Exception e) when (e is DbException or DatabaseException or IOException)
            {
                if (e is not DatabaseException { IsOutage: true })
                {
                    DecidedInMemory(log, repository.Name, e);
                }

                tries = MostTries - 1; // a database that fails must not keep machines from their files
            }
        }

        return null;
    }

    private bool TryFind(ServedRepository repository, in Reader reader, ReadOnlySpan<char> path, long now, bool inAnyCase, out DeliveredFile? file)
    {
        file = null;
        var known = readings.Find(reader);
        var reading = known is { Serving.IsOver: false } ? known : null;
        var choice = SessionChoice.Of(rule, repository, reading?.Serving, reading?.Span, path, now);
        if (!inAnyCase && !IsEnough(repository, reading, choice, now))
        {
            return false;
        }

        if (choice.Step == LeaseStep.StartSession)
        {
            var started = Start(repository.Served!, reader, known, now);
            if (!inAnyCase && !Holds(started, reader, repository, reading))
            {
                return false;
            }

            choice = choice with { Served = started.Serving.Find(path) }; // another request may have been first
        }
        else if (choice.Step == LeaseStep.FollowSession)
        {
            Renew(reading!, reader, now);
        }

        file = choice.FileIn(repository, path, rule, now);
        return true;
    }

    // Whether no other server can know better.
    private bool IsEnough(ServedRepository repository, Reading? reading, in SessionChoice choice, long now) =>
        IsUndisputed(repository, reading)
        || choice.Step switch
        {
            LeaseStep.FollowSession or LeaseStep.PeekIntoSession => reading!.IsWritten && readings.IsConfirmed(reading) && rule.IsCertain(reading.Span, now),
            LeaseStep.StartSession => false, // the machine moves to another snapshot: at all servers at once
            _ => choice.IsSameInBoth && !switches.StandsFor(repository.Id),
        };

    // No switch is about to come, and the machine is on what all servers serve: whatever it did at another one, it is on that there,
    // too. What this server does not know, because it forgot it, another one may.
    private bool IsUndisputed(ServedRepository repository, Reading? reading) =>
        !switches.StandsFor(repository.Id) && (!switches.IsShared || (reading is not null && reading.Serving == repository.Served));

    private Reading Start(ServedTree serving, in Reader reader, Reading? before, long now)
    {
        Interlocked.Increment(ref _started);
        var started = readings.Start(reader, before, serving, now);
        started.Serving.Use(now);
        store.NoteStart(reader, started);
        return started;
    }

    private void Renew(Reading reading, in Reader reader, long now)
    {
        reading.Renew(now);
        reading.Serving.Use(now);
        store.NoteRenewal(reader, reading);
    }

    // A switch may have been announced, and even been made, since this request looked. A session that was noted before the
    // announcement was acknowledged is among those that were written for it; one on what is served no more did not start.
    private bool Holds(Reading started, in Reader reader, ServedRepository repository, Reading? before)
    {
        if (!IsUndisputed(repository, before))
        {
            return false;
        }

        if (map.IsCurrent(repository))
        {
            return true;
        }

        if (!started.IsWritten)
        {
            store.Forget(reader, started);
            readings.Remove(reader, started);
        }

        return false;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The database failed: a session in {Repository} was decided from memory, other servers may not know it")]
    private static partial void DecidedInMemory(ILogger log, string repository, Exception e);
}
