using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parceler.Upstreams;

namespace Parceler.Tests.Upstreams;

/// <summary>The tools that operators use, as their manuals spell it.</summary>
public sealed class MirrorToolsTests : IDisposable
{
    private readonly CommandBench _bench = new();
    private readonly string _upstream;

    public MirrorToolsTests()
    {
        _upstream = _bench.Folder["upstream"];
        _bench.Folder.Write("upstream/base/Packages", "Package: a\n");
        _bench.Folder.Write("upstream/base/a+b_1~2.ipk", "a");
    }

    [Theory]
    [InlineData("cp -a UPSTREAM/. source/nethsecurity")]
    [InlineData("cp -a UPSTREAM/* source/nethsecurity/")]
    [InlineData("rsync -a --delete UPSTREAM/ source/nethsecurity")]
    [InlineData("rsync -a --delete UPSTREAM/ source/nethsecurity/")]
    [InlineData("rsync -a --delete UPSTREAM/ $PARCELER_SOURCE")]
    [InlineData("rclone sync UPSTREAM source/nethsecurity")]
    [InlineData("rclone sync UPSTREAM source/nethsecurity/ --progress")]
    [InlineData("cd source/nethsecurity && rclone copy UPSTREAM .")]
    public async Task A_tool_fills_the_source_again_and_again(string command)
    {
        command = command.Replace("UPSTREAM", _upstream, StringComparison.Ordinal);
        RequireTool(command);
        await CompleteAsync(command);
        _bench.SourceFiles().Should().Equal("base/Packages", "base/a+b_1~2.ipk");

        File.WriteAllText(Path.Combine(_upstream, "base/Packages"), "Package: b\n\n");
        await CompleteAsync(command);

        _bench.ReadSource("base/Packages").Should().Be("Package: b\n\n");
        Directory.Exists(_bench.Source).Should().BeTrue();
    }

    [Fact]
    public async Task Wget_mirrors_a_site()
    {
        RequireTool("wget");
        await using var site = Serve();
        await site.StartAsync(TestContext.Current.CancellationToken);
        var address = site.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

        await CompleteAsync($"wget -m -nH -np -e robots=off --progress=bar:force -P source/nethsecurity {address}/index.html");

        _bench.SourceFiles().Should().Equal("base/Packages", "index.html");
    }

    private WebApplication Serve()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var site = builder.Build();
        site.MapGet("/index.html", () => Results.Content("<a href=base/Packages>", "text/html"));
        site.MapGet("/base/Packages", () => Results.File(Path.Combine(_upstream, "base/Packages")));
        return site;
    }

    private async Task CompleteAsync(string command)
    {
        var outcome = await _bench.RunAsync(command);
        outcome.Should().BeOfType<CommandOutcome.Completed>(outcome.Describe(command));
    }

    private static void RequireTool(string command)
    {
        var tool = command.Split(' ').Intersect(["cp", "rsync", "rclone", "wget"]).First();
        var installed = Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, tool)));
        Assert.SkipUnless(installed, $"{tool} is not installed");
    }

    public void Dispose() => _bench.Dispose();
}
