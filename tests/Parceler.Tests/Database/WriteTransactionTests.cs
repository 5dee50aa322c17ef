using Parceler.Tests.Support;

namespace Parceler.Tests.Database;

public class WriteTransactionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Work_that_fails_leaves_nothing_and_no_open_transaction(bool cancelled)
    {
        await using var store = await TestStore.OpenAsync();
        using var stop = new CancellationTokenSource();

        var failing = () =>
            store.Db.WriteAsync(
                async session =>
                {
                    await session.ExecuteAsync("insert into settings (name, value) values ('a', 'half')");
                    await (cancelled ? stop.CancelAsync() : throw new InvalidOperationException("broken"));
                },
                stop.Token
            );
        await failing.Should().ThrowAsync<Exception>();
        await store.Db.WriteAsync(
            session => session.ExecuteAsync("insert into settings (name, value) values ('b', 'whole')"),
            TestContext.Current.CancellationToken
        );

        await using var reading = await store.Db.OpenAsync(TestContext.Current.CancellationToken);
        var names = await reading.QueryAsync("select name from settings where name in ('a', 'b')", row => row.GetString(0));
        names.Should().Equal("b");
    }
}
