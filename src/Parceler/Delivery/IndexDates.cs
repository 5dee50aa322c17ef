using System.Collections.Frozen;
using Parceler.Database;
using Parceler.Repositories;

namespace Parceler.Delivery;

/// <summary>
/// Since when an index is what it is at its path. One that a switch did not change keeps its date; the first process that
/// serves the switch writes that down, so that all agree, also after a restart.
/// </summary>
internal sealed class IndexDates(ParcelerDb db)
{
    /// <summary>The indexes of a serving that are older than it.</summary>
    /// <param name="before">The serving just before it; null when that can't be read any more.</param>
    public async Task<FrozenDictionary<string, DateTimeOffset>> OlderAsync(Repository repository, SnapshotTree tree, DateTimeOffset since, ServedTree? before, CancellationToken cancellation)
    {
        var known = await ReadAsync(repository, since, cancellation);
        if (known.Count > 0 || before is null)
        {
            return known;
        }

        var older = tree.Files.Where(file => file.IsIndex && before.Tree.TryFind(file.Path, out var then) && then.Digest == file.Digest).ToList();
        if (older.Count == 0)
        {
            return known;
        }

        await db.WriteAsync(
            async session =>
            {
                foreach (var file in older)
                {
                    await session.ExecuteAsync(
                        "insert into index_dates (repository_id, since, path, date) select id, @since, @path, @date from repositories where id = @id on conflict do nothing",
                        ("@id", repository.Id),
                        ("@since", since.ToDb()),
                        ("@path", file.Path),
                        ("@date", before.LastModifiedOf(file).ToDb())
                    );
                }
            },
            cancellation
        );
        return await ReadAsync(repository, since, cancellation);
    }

    /// <summary>Drops the dates of servings that nobody reads any more.</summary>
    public Task ForgetAsync(ServedRepository repository, CancellationToken cancellation) =>
        db.WriteAsync(
            session =>
                session.ExecuteAsync(
                    "delete from index_dates where repository_id = @id and since < @oldest",
                    ("@id", repository.Id),
                    ("@oldest", repository.Servings.Select(serving => serving.SinceMilliseconds).DefaultIfEmpty().Min())
                ),
            cancellation
        );

    private async Task<FrozenDictionary<string, DateTimeOffset>> ReadAsync(Repository repository, DateTimeOffset since, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        var rows = await session.QueryAsync(
            "select path, date from index_dates where repository_id = @id and since = @since",
            row => KeyValuePair.Create(row.GetString(0), row.Time(1)),
            ("@id", repository.Id),
            ("@since", since.ToDb())
        );
        return rows.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
