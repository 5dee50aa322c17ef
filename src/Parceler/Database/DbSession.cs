using System.Data.Common;

namespace Parceler.Database;

/// <summary>One open connection. A statement that is run again and again is prepared once.</summary>
internal sealed class DbSession(DbConnection connection, CancellationToken cancellation) : IAsyncDisposable
{
    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);

    public CancellationToken Cancellation => cancellation;

    /// <summary>Whether other processes will want to look at this transaction.</summary>
    public bool HasAnnounced { get; private set; }

    public async Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] values)
    {
        return await CommandOf(sql, values).ExecuteNonQueryAsync(cancellation);
    }

    public async Task<List<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> map, params (string Name, object? Value)[] values)
    {
        await using var reader = await CommandOf(sql, values).ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    /// <summary>The first row, or the default of <typeparamref name="T"/> when there is none.</summary>
    public async Task<T?> FirstAsync<T>(string sql, Func<DbDataReader, T> map, params (string Name, object? Value)[] values)
    {
        await using var reader = await CommandOf(sql, values).ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? map(reader) : default;
    }

    /// <summary>Tells every process that <paramref name="topic"/> changed, as soon as this transaction is committed.</summary>
    public Task AnnounceAsync(string topic)
    {
        HasAnnounced = true;
        return ExecuteAsync(
            "insert into revisions (topic, revision) values (@topic, 1) on conflict (topic) do update set revision = revisions.revision + 1",
            ("@topic", topic)
        );
    }

    /// <summary>Ends the transaction, if one is open, without its changes; also when the work was cancelled.</summary>
    public async Task RollbackAsync()
    {
        try
        {
            await CommandOf("rollback", []).ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (DbException)
        {
            // none is open: the database has ended it by itself
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands.Values)
        {
            await command.DisposeAsync();
        }

        await connection.DisposeAsync();
    }

    private DbCommand CommandOf(string sql, (string Name, object? Value)[] values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            _commands.Add(sql, command);
        }

        command.Parameters.Clear();
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
