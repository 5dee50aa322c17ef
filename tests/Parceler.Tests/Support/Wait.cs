namespace Parceler.Tests.Support;

/// <summary>Waits for what other processes bring about.</summary>
internal static class Wait
{
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 120)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            TimeProvider.System.GetElapsedTime(since).Should().BeLessThan(TimeSpan.FromSeconds(seconds), "it should come about that {0}", what);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public static Task UntilAsync(Func<bool> condition, string what, int seconds = 120) => UntilAsync(() => Task.FromResult(condition()), what, seconds);
}
