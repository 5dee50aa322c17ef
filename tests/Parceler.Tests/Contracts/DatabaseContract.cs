using Microsoft.Extensions.Logging.Abstractions;
using Parceler.Database;
using Parceler.Tests.Support;

namespace Parceler.Tests.Contracts;

/// <summary>What the features rely on, whatever database there is.</summary>
public abstract class DatabaseContract : IDisposable
{
    private readonly List<IDisposable> _opened = [];

    private protected TempFolder Folder { get; } = new();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>One more process on the test's database.</summary>
    private protected ParcelerDb Open()
    {
        var db = Connect();
        if (db is IDisposable disposable)
        {
            _opened.Add(disposable);
        }

        return db;
    }

    private protected abstract ParcelerDb Connect();

    public virtual void Dispose()
    {
        _opened.ForEach(db => db.Dispose());
        Folder.Dispose();
    }

    [Fact]
    public async Task Work_is_committed_as_a_whole_or_not_at_all()
    {
        var db = await MigratedAsync();

        var failing = () =>
            db.WriteAsync(
                async session =>
                {
                    await PutAsync(session, "a", "half");
                    throw new InvalidOperationException("broken");
                },
                Cancellation
            );
        await failing.Should().ThrowAsync<InvalidOperationException>();
        await db.WriteAsync(session => PutAsync(session, "b", "whole"), Cancellation);

        (await ValuesAsync(Open())).Should().Equal("whole");
    }

    [Fact]
    public async Task A_statement_that_fails_takes_its_transaction_with_it_and_no_later_one()
    {
        var db = await MigratedAsync();

        var failing = () => db.WriteAsync(session => session.ExecuteAsync("insert into settings (name, value) values ('a', null)"), Cancellation);
        await failing.Should().ThrowAsync<System.Data.Common.DbException>();
        await db.WriteAsync(session => PutAsync(session, "b", "whole"), Cancellation);

        (await ValuesAsync(db)).Should().Equal("whole");
    }

    [Fact]
    public async Task A_statement_is_run_with_the_values_of_each_run()
    {
        var db = await MigratedAsync();

        await db.WriteAsync(
            async session =>
            {
                for (var i = 0; i < 20; i++)
                {
                    await PutAsync(session, $"name-{i}", $"{i}");
                }
            },
            Cancellation
        );

        (await ValuesAsync(db)).Should().BeEquivalentTo(Enumerable.Range(0, 20).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Writers_of_all_processes_take_turns()
    {
        await MigratedAsync();
        ParcelerDb[] processes = [Open(), Open(), Open()];

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() => processes[i % 3].WriteAsync(CountAsync, Cancellation), Cancellation)));

        (await ValuesAsync(Open())).Should().Equal("60");
    }

    [Fact]
    public async Task Readers_do_not_wait_for_a_writer_and_see_nothing_of_it_before_it_is_done()
    {
        var db = await MigratedAsync();

        await db.WriteAsync(
            async session =>
            {
                await PutAsync(session, "a", "soon");
                (await ValuesAsync(Open()).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Cancellation)).Should().BeEmpty();
            },
            Cancellation
        );

        (await ValuesAsync(Open())).Should().Equal("soon");
    }

    [Fact]
    public async Task What_a_process_announces_is_heard_by_the_others_and_what_it_keeps_to_itself_is_not()
    {
        var db = await MigratedAsync();
        using var heard = new SemaphoreSlim(0);
        await using var watch = Open().Watch(() => heard.Release(), NullLogger.Instance);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Cancellation); // it begins to listen
        while (await heard.WaitAsync(0, Cancellation))
        {
            // that it began
        }

        await db.WriteAsync(session => PutAsync(session, "a", "quiet"), Cancellation);
        (await heard.WaitAsync(TimeSpan.FromMilliseconds(300), Cancellation)).Should().BeFalse();

        await db.WriteAsync(session => session.AnnounceAsync(Topics.Machines), Cancellation);
        (await heard.WaitAsync(TimeSpan.FromSeconds(1), Cancellation)).Should().BeTrue();
    }

    [Fact]
    public async Task A_lock_excludes_all_others_until_it_is_given_back()
    {
        await MigratedAsync();
        var (one, other) = (Open(), Open());
        var held = await one.LockAsync("sync-1", Cancellation);
        using var apart = await other.LockAsync("sync-2", Cancellation);

        var waiting = other.LockAsync("sync-1", Cancellation);
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancellation);
        waiting.IsCompleted.Should().BeFalse();
        (await held.IsHeldAsync(Cancellation)).Should().BeTrue();
        held.Dispose();

        using var taken = await waiting.WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, Cancellation);
        (await taken.IsHeldAsync(Cancellation)).Should().BeTrue();
    }

    [Fact]
    public async Task Who_gives_up_waiting_for_a_lock_does_not_hold_it()
    {
        await MigratedAsync();
        var (one, other) = (Open(), Open());
        var held = await one.LockAsync("blobs", Cancellation);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300), TimeProvider.System);

        var waiting = () => other.LockAsync("blobs", patience.Token);
        await waiting.Should().ThrowAsync<OperationCanceledException>();
        held.Dispose();

        using var again = await one.LockAsync("blobs", Cancellation).WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, Cancellation);
    }

    [Fact]
    public async Task Several_processes_that_start_at_once_make_the_tables_once()
    {
        ParcelerDb[] processes = [Open(), Open(), Open(), Open()];

        await Task.WhenAll(processes.Select(db => Task.Run(() => db.MigrateAsync(Cancellation), Cancellation)));

        (await ValuesAsync(processes[0])).Should().BeEmpty();
    }

    [Fact]
    public async Task The_tables_and_their_columns_are_the_same_as_on_the_other_database()
    {
        var sqlite = new SqliteDb(Folder["other/database.sqlite"]);
        await sqlite.MigrateAsync(Cancellation);
        await using var expected = await sqlite.OpenAsync(Cancellation);
        await using var session = await (await MigratedAsync()).OpenAsync(Cancellation);

        (await ColumnsAsync(session)).Should().BeEquivalentTo(
            await expected.QueryAsync(
                "select t.name || '.' || c.name from sqlite_master t join pragma_table_info(t.name) c where t.type = 'table' and t.name not like 'sqlite_%'",
                row => row.GetString(0)
            )
        );
    }

    private protected abstract Task<List<string>> ColumnsAsync(DbSession session);

    private protected async Task<ParcelerDb> MigratedAsync()
    {
        var db = Open();
        await db.MigrateAsync(Cancellation);
        return db;
    }

    private protected static Task<int> PutAsync(DbSession session, string name, string value) =>
        session.ExecuteAsync("insert into settings (name, value) values (@name, @value)", ("@name", name), ("@value", value));

    private protected static async Task<List<string>> ValuesAsync(ParcelerDb db)
    {
        await using var session = await db.OpenAsync(Cancellation);
        return await session.QueryAsync("select value from settings order by name", row => row.GetString(0));
    }

    // Reads and writes what it made of it: two at once would lose one.
    private static async Task CountAsync(DbSession session)
    {
        var count = await session.FirstAsync("select value from settings where name = 'count'", row => row.GetString(0));
        await session.ExecuteAsync(
            "insert into settings (name, value) values ('count', @value) on conflict (name) do update set value = excluded.value",
            ("@value", $"{int.Parse(count ?? "0", null) + 1}")
        );
    }
}
