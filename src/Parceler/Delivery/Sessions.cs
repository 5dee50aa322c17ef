using System.Data.Common;
using Microsoft.Extensions.Logging;
using Parceler.Entitlements;

namespace Parceler.Delivery;

/// <summary>
/// Finds the file that a machine gets at a path: from the snapshot of its session, which starts at its first read of an index.
/// From memory, without a lock. The database is asked while a switch is announced, and when there are several web servers
/// and a machine moves from an older snapshot to the served one, so that it does so for all of them at once.
/// </summary>
internal sealed partial class Sessions(CurrentDeliveryMap map, Readings readings, LeaseStore store, StandingSwitches switches, LeaseRule rule, TimeProvider clock, ILogger<Sessions> log)
{
    private const int MostTries = 5; // each time another switch came in between
    private long _started;

    /// <summary>How many sessions this process has started.</summary>
    public long Started => Interlocked.Read(ref _started);

    /// <returns>False when memory can't decide: <see cref="FindAsync"/> does.</returns>
    public bool TryFind(ServedRepository repository, MachineKey machine, ReadOnlySpan<char> path, DateTimeOffset now, out DeliveredFile? file) =>
        TryFind(repository, new Reader(repository.Id, machine), path, now.ToUnixTimeMilliseconds(), Trust.Memory, out file);

    /// <summary>Decides in any case. The path is one of a repository of this name.</summary>
    public async ValueTask<DeliveredFile?> FindAsync(string name, MachineKey machine, string path, CancellationToken cancellation)
    {
        var trust = Trust.Memory;
        for (var tries = 0; ; tries++)
        {
            if (!map.Map.TryFind(name, out var repository))
            {
                return null;
            }

            var reader = new Reader(repository.Id, machine);
            if (TryFind(repository, reader, path, clock.GetUtcNow().ToUnixTimeMilliseconds(), trust, out var file))
            {
                return file;
            }

            trust = tries == MostTries ? Trust.Anything : await AskAsync(repository, reader, path, cancellation);
        }
    }

    private bool TryFind(ServedRepository repository, in Reader reader, ReadOnlySpan<char> path, long now, Trust trust, out DeliveredFile? file)
    {
        file = null;
        var known = readings.Find(reader);
        var reading = known is { Serving.IsOver: false } ? known : null;
        if (trust == Trust.Memory && reading is not null && reading.Serving != repository.Served && switches.IsShared && rule.IsDoubtful(reading.Span, now))
        {
            return false;
        }

        var read = reading?.Serving.Find(path);
        var served = repository.Find(path);
        var kind = (read ?? served)?.File.Kind ?? IndexFiles.KindOf(path);
        var step = rule.Decide(kind, reading?.Span, read is not null, served is not null, now);
        if (trust == Trust.Memory && switches.IsShared && reading is not null && reading.Serving != repository.Served && DependsOnOthers(step, read, served))
        {
            return false;
        }

        if (step is LeaseStep.UseServed or LeaseStep.FollowLastReading && trust == Trust.Memory && switches.StandsFor(repository.Id))
        {
            return false; // the switch may be committed already, and the machine be on it through another server
        }

        if (step == LeaseStep.StartSession)
        {
            if (trust != Trust.Anything && switches.StandsFor(repository.Id))
            {
                return false;
            }

            reading = Start(repository.Served!, reader, known, now);
            read = reading.Serving.Find(path);
        }

        if (step is LeaseStep.StartSession or LeaseStep.FollowSession or LeaseStep.PeekIntoSession && trust != Trust.Anything && !reading!.IsWritten && switches.StandsFor(repository.Id))
        {
            return false;
        }

        if (step == LeaseStep.FollowSession)
        {
            reading!.Renew(now);
            reading.Serving.Use(now);
            store.NoteRenewal(reader, reading, now);
        }

        file = step == LeaseStep.UseServed ? served : read;
        file ??= LeaseRule.HasGrace(kind) ? repository.FindInGrace(path, rule, now) : null;
        return true;
    }

    // A machine moves from one snapshot to the next, and other servers still know it by the last one.
    private static bool DependsOnOthers(LeaseStep step, DeliveredFile? read, DeliveredFile? served) =>
        step == LeaseStep.StartSession || (step == LeaseStep.FollowLastReading && read is { } old && served is { } current && old.File.Digest != current.File.Digest);

    private Reading Start(ServedTree serving, in Reader reader, Reading? before, long now)
    {
        Interlocked.Increment(ref _started);
        var started = readings.Replace(reader, before, new Reading(serving, now, now));
        started.Serving.Use(now);
        store.Note(reader, started);
        return started;
    }

    // A database that fails must not keep machines from their files.
    private async ValueTask<Trust> AskAsync(ServedRepository repository, Reader reader, string path, CancellationToken cancellation)
    {
        try
        {
            var kind = IndexFiles.KindOf(path);
            if (await store.TryAskAsync(repository, reader, kind, Starts(repository, reader, kind, path), cancellation))
            {
                return Trust.Database;
            }

            await map.RefreshAsync(cancellation);
            return Trust.Memory;
        }
        catch (Exception e) when (e is DbException or IOException)
        {
            DecidedInMemory(log, repository.Name, e);
            return Trust.Anything;
        }
    }

    // If no session goes on.
    private bool Starts(ServedRepository repository, Reader reader, PathKind kind, string path)
    {
        var last = readings.Find(reader) is { Serving.IsOver: false } reading ? reading : null;
        var over = last is null ? (LeaseSpan?)null : last.Span with { StartedAt = long.MinValue / 2 };
        return rule.Decide(kind, over, last?.Serving.Find(path) is not null, repository.Find(path) is not null, clock.GetUtcNow().ToUnixTimeMilliseconds()) == LeaseStep.StartSession;
    }

    // What memory says, and whether it is enough.
    private enum Trust
    {
        /// <summary>Unless other servers may know better.</summary>
        Memory,

        /// <summary>The database has just told it.</summary>
        Database,

        /// <summary>There is nobody else to ask.</summary>
        Anything,
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The database failed: a session in {Repository} was decided from memory, other servers may not know it")]
    private static partial void DecidedInMemory(ILogger log, string repository, Exception e);
}
