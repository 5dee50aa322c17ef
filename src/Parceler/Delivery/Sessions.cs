using System.Data.Common;
using Microsoft.Extensions.Logging;
using Parceler.Entitlements;

namespace Parceler.Delivery;

/// <summary>
/// Finds the file that a machine gets at a path: from the snapshot of its session, which starts at its first read of an index.
/// From memory, without a lock; only while a switch is announced, the database decides where a session starts.
/// </summary>
internal sealed partial class Sessions(CurrentDeliveryMap map, Readings readings, LeaseStore store, StandingSwitches switches, LeaseRule rule, TimeProvider clock, ILogger<Sessions> log)
{
    private const int MostTries = 5; // each time another switch came in between

    /// <returns>False when memory can't decide: <see cref="FindAsync"/> does.</returns>
    public bool TryFind(ServedRepository repository, MachineKey machine, ReadOnlySpan<char> path, DateTimeOffset now, out DeliveredFile? file) =>
        TryFind(repository, new Reader(repository.Id, machine), path, now.ToUnixTimeMilliseconds(), mayAsk: true, out file);

    /// <summary>Decides in any case. The path is one of a repository of this name.</summary>
    public async ValueTask<DeliveredFile?> FindAsync(string name, MachineKey machine, string path, CancellationToken cancellation)
    {
        for (var tries = 0; ; tries++)
        {
            if (!map.Map.TryFind(name, out var repository))
            {
                return null;
            }

            var reader = new Reader(repository.Id, machine);
            if (TryFind(repository, reader, path, clock.GetUtcNow().ToUnixTimeMilliseconds(), mayAsk: tries < MostTries, out var file))
            {
                return file;
            }

            tries = await TryStartAsync(repository, reader, path, cancellation) ? tries : MostTries;
        }
    }

    private bool TryFind(ServedRepository repository, in Reader reader, ReadOnlySpan<char> path, long now, bool mayAsk, out DeliveredFile? file)
    {
        var known = readings.Find(reader);
        var reading = known is { Serving.IsOver: false } ? known : null;
        var read = reading?.Serving.Find(path);
        var served = repository.Find(path);
        var kind = (read ?? served)?.File.Kind ?? IndexFiles.KindOf(path);
        var step = rule.Decide(kind, reading?.Span, read is not null, served is not null, now);
        if (step == LeaseStep.StartSession)
        {
            if (mayAsk && switches.StandsFor(repository.Id))
            {
                file = null;
                return false;
            }

            reading = Start(repository.Served!, reader, known, now);
            read = reading.Serving.Find(path);
        }

        if (step is LeaseStep.StartSession or LeaseStep.FollowSession or LeaseStep.PeekIntoSession && mayAsk && !reading!.IsWritten && switches.StandsFor(repository.Id))
        {
            file = null;
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

    private Reading Start(ServedTree serving, in Reader reader, Reading? before, long now)
    {
        var started = readings.Replace(reader, before, new Reading(serving, now, now));
        started.Serving.Use(now);
        store.Note(reader, started);
        return started;
    }

    // A database that fails must not keep machines from their files.
    private async ValueTask<bool> TryStartAsync(ServedRepository repository, Reader reader, string path, CancellationToken cancellation)
    {
        try
        {
            if (!await store.TryStartAsync(repository, reader, IndexFiles.KindOf(path), cancellation))
            {
                await map.RefreshAsync(cancellation);
            }

            return true;
        }
        catch (Exception e) when (e is DbException or IOException)
        {
            StartedInMemory(log, repository.Name, e);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "During a switch of {Repository} the database failed: a session starts in memory, other processes do not know it")]
    private static partial void StartedInMemory(ILogger log, string repository, Exception e);
}
