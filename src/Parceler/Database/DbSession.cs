using System.Data.Common;

namespace Parceler.Database;

/// <summary>One open connection. A statement that is run again and again is prepared once.</summary>
internal class DbSession(DbConnection connection, CancellationToken cancellation) : IAsyncDisposable
{
    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);
    private DbConnection _connection = connection;
    private bool _hasRun;

    public CancellationToken Cancellation => cancellation;

    /// <summary>Whether other processes will want to look at this transaction.</summary>
    public bool HasAnnounced { get; private set; }

    public Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] values) => RunAsync(sql, values, command => command.ExecuteNonQueryAsync(cancellation));

    public Task<List<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> map, params (string Name, object? Value)[] values) =>
        RunAsync(
            sql,
            values,
            async command =>
            {
                await using var reader = await command.ExecuteReaderAsync(cancellation);
                var rows = new List<T>();
                while (await reader.ReadAsync(cancellation))
                {
                    rows.Add(map(reader));
                }

                return rows;
            }
        );

    /// <summary>Row by row, for what may be too much to hold.</summary>
    public Task<long> EachAsync(string sql, Func<DbDataReader, Task> act) =>
        RunAsync(
            sql,
            [],
            async command =>
            {
                await using var reader = await command.ExecuteReaderAsync(cancellation);
                var rows = 0L;
                for (; await reader.ReadAsync(cancellation); rows++)
                {
                    await act(reader);
                }

                return rows;
            }
        );

    /// <summary>The first row, or the default of <typeparamref name="T"/> when there is none.</summary>
    public Task<T?> FirstAsync<T>(string sql, Func<DbDataReader, T> map, params (string Name, object? Value)[] values) =>
        RunAsync(
            sql,
            values,
            async command =>
            {
                await using var reader = await command.ExecuteReaderAsync(cancellation);
                return await reader.ReadAsync(cancellation) ? map(reader) : default;
            }
        );

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
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            // none is open: the database has ended it by itself, or the connection with it
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        await ForgetCommandsAsync();
        await _connection.DisposeAsync();
    }

    /// <summary>Another connection in place of one that turned out to be closed at its first use; null when that makes no sense.</summary>
    protected virtual Task<DbConnection?> ReconnectAsync(DbConnection closed) => Task.FromResult<DbConnection?>(null);

    /// <summary>What a failure means where the connection broke under it; null when it did not.</summary>
    protected virtual DatabaseException? Lost(DbConnection connection, DbException failure) => null;

    /// <summary>Whether a command may be run again with other values.</summary>
    protected virtual bool KeepsCommands => true;

    /// <summary>The value as this database takes it.</summary>
    protected virtual object ValueOf(object? value) => value ?? DBNull.Value;

    private async Task<T> RunAsync<T>(string sql, (string Name, object? Value)[] values, Func<DbCommand, Task<T>> run)
    {
        try
        {
            var result = await run(CommandOf(sql, values));
            _hasRun = true;
            return result;
        }
        catch (DbException) when (!_hasRun) // nothing was done yet that could be lost or done twice
        {
            _hasRun = true;
            if (await ReconnectAsync(_connection) is not { } other)
            {
                throw;
            }

            await ForgetCommandsAsync();
            await _connection.DisposeAsync();
            _connection = other;
            return await run(CommandOf(sql, values));
        }
        catch (DbException e) when (Lost(_connection, e) is { } lost)
        {
            throw lost;
        }
    }

    private async Task ForgetCommandsAsync()
    {
        foreach (var command in _commands.Values)
        {
            await command.DisposeAsync();
        }

        _commands.Clear();
    }

    private DbCommand CommandOf(string sql, (string Name, object? Value)[] values)
    {
        if (!_commands.TryGetValue(sql, out var command) || !KeepsCommands)
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            _commands[sql] = command;
        }

        command.Parameters.Clear();
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = ValueOf(value);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
