using Microsoft.Win32.SafeHandles;
using Parceler.App.Transport;

namespace Parceler.Tests.Transport;

public sealed class EventLoopTests
{
    [Fact]
    public async Task It_ends_in_a_process_with_many_open_files()
    {
        List<SafeFileHandle> others = [.. Enumerable.Range(0, 1_100).Select(_ => File.OpenHandle("/dev/null"))];
        var loop = new EventLoop("of a test");

        await Task.Run(loop.Dispose, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        others.ForEach(other => other.Dispose());
    }
}
