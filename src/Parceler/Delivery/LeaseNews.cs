using Parceler.Database;

namespace Parceler.Delivery;

/// <summary>Takes over what any process wrote of sessions.</summary>
internal sealed class LeaseNews(ParcelerDb db, Readings readings, LeaseRule rule, TimeProvider clock)
{
    private long _seen;

    /// <summary>Takes over what was written since the last call; at first all that is still in grace. Not to be called twice at once.</summary>
    /// <param name="repositories">What machines see of each, by id.</param>
    public async Task LoadAsync(IReadOnlyDictionary<string, ServedRepository> repositories, CancellationToken cancellation)
    {
        var seen = _seen;
        long? tooEarly = null;
        foreach (var (lease, revision) in await ListAsync(clock.GetUtcNow() - rule.Times.Hold, cancellation))
        {
            var repository = repositories.GetValueOrDefault(lease.Reader.RepositoryId);
            if (repository?.ServingSince(lease.Since) is { } serving)
            {
                readings.Take(lease, serving, clock.GetUtcNow().ToDb()); // now: what was renewed since the list was read is not ahead of the clock
            }
            else if (repository is null || lease.Since > Newest(repository))
            {
                tooEarly ??= revision - 1; // of a switch that came after the repositories were read: the next call takes it
            }

            seen = revision;
        }

        _seen = tooEarly ?? seen;
    }

    private static long Newest(ServedRepository repository) => repository.Servings.Select(serving => serving.SinceMilliseconds).DefaultIfEmpty(long.MinValue).Max();

    private async Task<List<(Lease Lease, long Revision)>> ListAsync(DateTimeOffset from, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await session.QueryAsync(
            $"select {LeaseRows.Columns}, revision from leases where revision > @seen and renewed_at > @from order by revision",
            row => (Lease: LeaseRows.Read(row), Revision: row.GetInt64(5)),
            ("@seen", _seen),
            ("@from", from.ToDb())
        );
    }
}
