using Parceler.Database;
using Parceler.Tests.Support;

namespace Parceler.Tests.Contracts;

[Trait("Speed", "slow")]
public sealed class PostgresDatabaseTests : DatabaseContract, IAsyncLifetime
{
    private PostgresServer _server = null!;
    private PostgresAddress _address = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.SharedAsync();
        _address = await _server.CreateEmptyAsync();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        _server.Drop(_address);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Connections_that_the_server_has_closed_are_no_failure_of_what_comes_next()
    {
        var db = await MigratedAsync();
        await db.WriteAsync(session => PutAsync(session, "a", "before"), Cancellation);

        await TerminateAllAsync();
        await db.WriteAsync(session => PutAsync(session, "b", "after"), Cancellation);
        await TerminateAllAsync();

        (await ValuesAsync(db)).Should().Equal("before", "after");
    }

    [Fact]
    public async Task A_transaction_whose_connection_breaks_fails_and_is_not_done_twice()
    {
        var db = await MigratedAsync();
        var runs = 0;

        var breaking = () =>
            db.WriteAsync(
                async session =>
                {
                    runs++;
                    await PutAsync(session, "a", "half");
                    await TerminateAllAsync();
                    await PutAsync(session, "b", "half");
                },
                Cancellation
            );

        (await breaking.Should().ThrowAsync<DatabaseException>()).Which.IsOutage.Should().BeTrue();
        runs.Should().Be(1);
        (await ValuesAsync(db)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_lock_whose_connection_is_gone_is_held_no_more_and_another_gets_it()
    {
        var db = await MigratedAsync();
        using var held = await db.LockAsync("blobs", Cancellation);
        var waiting = Open().LockAsync("blobs", Cancellation);

        await _server.ScalarAsync(
            $"select count(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = '{_address.Database}')"
        );

        using var taken = await waiting.WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, Cancellation);
        (await held.IsHeldAsync(Cancellation)).Should().BeFalse();
        await held.Invoking(gone => gone.EnsureHeldAsync(Cancellation)).Should().ThrowAsync<LockLostException>();
        (await taken.IsHeldAsync(Cancellation)).Should().BeTrue();
    }

    [Fact]
    public async Task A_writer_that_hangs_gives_its_turn_up_after_seconds()
    {
        var db = await MigratedAsync();
        await using var hanging = await Open().OpenAsync(Cancellation);
        await hanging.ExecuteAsync("begin; select pg_advisory_xact_lock(7016996765293437281)");
        var since = TimeProvider.System.GetTimestamp();

        await db.WriteAsync(session => PutAsync(session, "a", "in the end"), Cancellation);

        TimeProvider.System.GetElapsedTime(since).Should().BeGreaterThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Text_that_PostgreSQL_does_not_take_is_kept_as_far_as_it_can_be()
    {
        var db = await MigratedAsync();

        await db.WriteAsync(session => PutAsync(session, "a", "nul \0, half \ud800, whole \U0001F4E6"), Cancellation);

        (await ValuesAsync(db)).Should().Equal("nul \ufffd, half \ufffd, whole \U0001F4E6");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named_with_the_way_out_and_not_the_password()
    {
        using var db = new PostgresDb(_address with { Port = FreePort.Find(), Password = "s3cret" });

        var failure = (await db.Invoking(away => away.OpenAsync(Cancellation)).Should().ThrowAsync<DatabaseException>()).Which;

        failure.Message.Should().ContainAll(_address.Database, "127.0.0.1:", "DB_HOST").And.NotContain("s3cret");
    }

    [Theory]
    [InlineData("nobody", null, "DB_USERNAME and DB_PASSWORD")]
    [InlineData("tests", "wrong", "DB_USERNAME and DB_PASSWORD")]
    public async Task Who_is_not_let_in_is_told_so(string user, string? password, string wayOut)
    {
        using var db = new PostgresDb(_address with { User = user, Password = password ?? _address.Password });

        (await db.Invoking(refusing => refusing.OpenAsync(Cancellation)).Should().ThrowAsync<DatabaseException>()).Which.Message.Should().Contain(wayOut).And.NotContain("wrong");
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_named_with_the_command_that_makes_it()
    {
        using var db = new PostgresDb(_address with { Database = "nowhere" });

        (await db.Invoking(absent => absent.OpenAsync(Cancellation)).Should().ThrowAsync<DatabaseException>()).Which.Message.Should().Contain("createdb --owner tests");
    }

    [Fact]
    public async Task The_database_of_another_program_is_refused()
    {
        await _server.ScalarAsync("create table migrations (id int)", _address.Database);

        await Open().Invoking(db => db.MigrateAsync(Cancellation)).Should().ThrowAsync<ForeignDatabaseException>();
    }

    [Fact]
    public async Task A_process_has_no_more_connections_than_its_pool_and_all_get_their_turn()
    {
        await MigratedAsync();
        using var db = new PostgresDb(_address with { Pool = 3 });

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => db.WriteAsync(session => PutAsync(session, $"{i}", "x"), Cancellation)));

        (await ValuesAsync(db)).Should().HaveCount(50);
        (await _server.ScalarAsync($"select count(*) from pg_stat_activity where datname = '{_address.Database}'")).Should().BeOfType<long>().Which.Should().BeLessThanOrEqualTo(4);
    }

    private protected override ParcelerDb Connect() => new PostgresDb(_address);

    private protected override Task<List<string>> ColumnsAsync(DbSession session) =>
        session.QueryAsync("select table_name || '.' || column_name from information_schema.columns where table_schema = 'public'", row => row.GetString(0));

    private Task<object?> TerminateAllAsync() =>
        _server.ScalarAsync($"select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{_address.Database}' and pid <> pg_backend_pid()");
}
