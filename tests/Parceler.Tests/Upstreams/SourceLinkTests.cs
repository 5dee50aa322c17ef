using Parceler.Upstreams;

namespace Parceler.Tests.Upstreams;

/// <summary>What commands do to the link that leads to their source.</summary>
public sealed class SourceLinkTests : IDisposable
{
    private readonly CommandBench _bench = new();

    public SourceLinkTests()
    {
        _bench.Folder.Write("storage/source/nethsecurity/old", "old");
        _bench.Folder.Write("storage/blobs/aa/aaaa", "blob");
    }

    [Theory]
    [InlineData("rm -rf ./*")]
    [InlineData("rm -rf *")]
    [InlineData("rm -rf source")]
    [InlineData("find . -delete")]
    [InlineData("rm -rf ./* ./.[!.]*")]
    public async Task A_careless_rm_does_not_reach_the_storage(string command)
    {
        await _bench.RunAsync(command);
        var outcome = await _bench.RunAsync("echo again > source/nethsecurity/again");

        outcome.Should().BeOfType<CommandOutcome.Completed>();
        _bench.SourceFiles().Should().Equal("again", "old");
        File.ReadAllText(_bench.Folder["storage/blobs/aa/aaaa"]).Should().Be("blob");
    }

    [Theory]
    [InlineData("rm -rf source/nethsecurity; mkdir -p source/nethsecurity/all; echo new > source/nethsecurity/all/new")]
    [InlineData("rm -rf ./*; mkdir -p source/nethsecurity/all; echo new > source/nethsecurity/all/new")]
    [InlineData("mkdir -p next/all; echo new > next/all/new; rm source/nethsecurity; mv next source/nethsecurity")]
    public async Task A_folder_in_place_of_the_link_becomes_the_source(string command)
    {
        await _bench.RunAsync(command);

        _bench.SourceFiles().Should().Equal("all/new");
        Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(_bench.Work)!).Select(Path.GetFileName).Should().BeEquivalentTo(["nethsecurity", "nethsecurity.command.lock"]);

        await _bench.RunAsync("echo more > source/nethsecurity/more");
        _bench.SourceFiles().Should().Equal("all/new", "more");
    }

    [Fact]
    public async Task A_folder_that_a_failed_command_made_is_dropped()
    {
        await _bench.RunAsync("rm source/nethsecurity; mkdir source/nethsecurity; echo half > source/nethsecurity/half; exit 1");
        _bench.SourceFiles().Should().Equal("old");

        await _bench.RunAsync("echo more > source/nethsecurity/more");
        _bench.SourceFiles().Should().Equal("more", "old");
    }

    [Theory]
    [InlineData("rm source/nethsecurity; ln -s /tmp source/nethsecurity")]
    [InlineData("rm source/nethsecurity; echo > source/nethsecurity")]
    [InlineData("rm -rf source; mkdir -p ../else/nethsecurity; ln -s ../else source")]
    public async Task Something_else_in_place_of_the_link_is_an_error(string command)
    {
        var run = () => _bench.RunAsync(command);

        (await run.Should().ThrowAsync<IOException>()).WithMessage("*source/nethsecurity*");
        _bench.SourceFiles().Should().Equal("old");
    }

    [Fact]
    public async Task A_source_that_is_a_link_to_another_folder_stays_one()
    {
        Directory.Move(_bench.Source, _bench.Folder["large-disk"]);
        Directory.CreateSymbolicLink(_bench.Source, _bench.Folder["large-disk"]);

        await _bench.RunAsync("rm -rf source/nethsecurity; mkdir source/nethsecurity; echo new > source/nethsecurity/new");

        _bench.SourceFiles().Should().Equal("new");
        File.Exists(_bench.Folder["large-disk/new"]).Should().BeTrue();
    }

    [Fact]
    public async Task A_crash_while_the_source_is_replaced_leaves_the_old_one()
    {
        Directory.Move(_bench.Source, _bench.Work + ".replaced");

        await _bench.RunAsync("echo more > source/nethsecurity/more");

        _bench.SourceFiles().Should().Equal("more", "old");
    }

    [Fact]
    public async Task A_link_made_again_is_the_same_link()
    {
        var outcome = await _bench.RunAsync("ln -sfn $PARCELER_SOURCE source/nethsecurity");

        outcome.Should().BeOfType<CommandOutcome.Completed>();
    }

    public void Dispose() => _bench.Dispose();
}
