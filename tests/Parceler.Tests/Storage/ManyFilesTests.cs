using Parceler.Storage;

namespace Parceler.Tests.Storage;

public sealed class ManyFilesTests
{
    [Fact]
    public void A_failure_is_thrown_as_it_is()
    {
        var work = () => ManyFiles.For(0, 100, number => throw new IOException($"the disk is full at {number}"), TestContext.Current.CancellationToken);

        work.Should().Throw<IOException>().WithMessage("the disk is full*");
    }
}
