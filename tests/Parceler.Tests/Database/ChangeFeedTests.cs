using Parceler.Database;
using Parceler.Tests.Support;

namespace Parceler.Tests.Database;

public class ChangeFeedTests
{
    [Fact]
    public async Task A_subscriber_that_gives_up_waiting_is_told_again_and_keeps_no_other_from_being_told()
    {
        await using var store = await TestStore.OpenAsync();
        var (failing, other) = (0, 0);
        store.Feed.Subscribe(Topics.Repositories, _ => failing++ == 0 ? throw new TaskCanceledException("it took too long") : Task.CompletedTask);
        store.Feed.Subscribe(
            Topics.Repositories,
            _ =>
            {
                other++;
                return Task.CompletedTask;
            }
        );
        await store.CreateAsync("base");

        await store.Feed.LookAsync(TestContext.Current.CancellationToken);
        await store.Feed.LookAsync(TestContext.Current.CancellationToken);

        (failing, other).Should().Be((2, 2));
    }
}
