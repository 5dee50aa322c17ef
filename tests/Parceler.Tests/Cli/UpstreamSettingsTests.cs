using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Repositories;

namespace Parceler.Tests.Cli;

public sealed class UpstreamSettingsTests : IDisposable
{
    private static readonly string[] s_apt = ["repository", "create", "debian", "--upstream", "apt", "https://deb.example.org/debian", "--suite", "stable", "--suite", "stable-security", "--component", "main", "--arch", "amd64", "--no-sync"];
    private readonly TestCommands _parceler = new();

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task An_upstream_takes_the_place_of_a_command()
    {
        await _parceler.DoneAsync([.. s_apt, "--gate", "warn"]);

        var shown = await ShowAsync();
        shown.GetProperty("upstream").GetString().Should().Be("apt https://deb.example.org/debian/ stable stable-security main amd64");
        shown.GetProperty("gate").GetString().Should().Be("warn");
    }

    [Fact]
    public async Task Its_parts_change_one_by_one_and_a_command_takes_its_place_again()
    {
        await _parceler.DoneAsync(s_apt);

        await _parceler.DoneAsync("repository", "edit", "debian", "--suite", "testing", "--gate", "off");
        (await ShowAsync()).GetProperty("upstream").GetString().Should().Be("apt https://deb.example.org/debian/ testing main amd64");
        (await ShowAsync()).GetProperty("gate").GetString().Should().Be("off");

        await _parceler.DoneAsync("repository", "edit", "debian", "--upstream", "rpm", "http://rpm.example.org/");
        (await ShowAsync()).GetProperty("upstream").GetString().Should().Be("rpm http://rpm.example.org/");

        await _parceler.DoneAsync("repository", "edit", "debian", "--command", "true");
        (await ShowAsync()).GetProperty("upstream").GetString().Should().Be("true");
        (await ShowAsync()).GetProperty("gate").GetString().Should().Be("off");
    }

    [Fact]
    public async Task A_proxy_comes_and_goes()
    {
        await _parceler.DoneAsync([.. s_apt, "--proxy", "http://proxy.example.org:3128"]);
        (await ProxyAsync()).Should().Be("http://proxy.example.org:3128");

        await _parceler.DoneAsync("repository", "edit", "debian", "--suite", "testing");
        (await ProxyAsync()).Should().Be("http://proxy.example.org:3128");
        (await ShowAsync()).GetProperty("proxy").GetString().Should().Be("http://proxy.example.org:3128");

        await _parceler.DoneAsync("repository", "edit", "debian", "--proxy", "http://me:secret@proxy.example.org:3128");
        (await _parceler.DoneAsync("repository", "show", "debian")).Out.Should().Contain("through http://me:***@proxy.example.org:3128").And.NotContain("secret");

        await _parceler.DoneAsync("repository", "edit", "debian", "--proxy", "none");
        (await ProxyAsync()).Should().BeNull();
    }

    [Fact]
    public async Task A_source_on_the_disk_is_for_a_bucket()
    {
        await _parceler.DoneAsync("repository", "create", "debian", "--command", "true", "--source", "folder", "--no-sync");

        var printed = await _parceler.RunAsync("repository", "edit", "debian", "--source", "disk");

        printed.Status.Should().Be(1);
        printed.Error.Should().Contain("FILESYSTEM_DISK=s3");
        (await ShowAsync()).GetProperty("source").GetString().Should().Be("folder");
    }

    [Fact]
    public async Task The_source_folder_goes_with_the_command()
    {
        await _parceler.DoneAsync("repository", "create", "debian", "--command", "true", "--source-folder", "part", "--no-sync");
        await _parceler.DoneAsync("repository", "edit", "debian", "--upstream", "http", "http://x.example.org/");

        (await ShowAsync()).GetProperty("sourceFolder").GetString().Should().BeEmpty();
    }

    [Theory]
    [InlineData("/", "./")]
    [InlineData("./", "./")]
    [InlineData("binary/", "binary/")]
    [InlineData("./a/binary/", "a/binary/")]
    public async Task A_flat_suite_is_a_folder_as_apt_is_told(string given, string kept)
    {
        await _parceler.DoneAsync("repository", "create", "debian", "--upstream", "apt", "http://x.example.org/deb", "--suite", given, "--no-sync");

        (await ShowAsync()).GetProperty("upstream").GetString().Should().Be($"apt http://x.example.org/deb/ {kept}");
    }

    [Fact]
    public async Task A_password_in_the_address_is_not_shown()
    {
        await _parceler.DoneAsync("repository", "create", "demo", "--upstream", "http", "https://me:s3cret@files.example.org/tree", "--no-sync");

        var shown = await _parceler.DoneAsync("repository", "show", "demo");
        var listed = await _parceler.DoneAsync("repository", "list", "--json");

        (shown.Out + listed.Out).Should().Contain("me:***@files.example.org/tree/").And.NotContain("s3cret");
    }

    [Fact]
    public async Task A_lost_database_gets_them_back()
    {
        await _parceler.DoneAsync([.. s_apt, "--gate", "warn", "--proxy", "http://proxy.example.org:3128"]);
        var before = (await ShowAsync()).ToString();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        foreach (var file in Directory.GetFiles(_parceler.Storage, "database.sqlite*"))
        {
            File.Delete(file);
        }

        await _parceler.DoneAsync("recover");

        (await ShowAsync()).ToString().Should().Be(before);
    }

    [Theory]
    [InlineData("none of opkg, apk, apt, rpm, http", "--upstream", "ftp", "http://x/")]
    [InlineData("begins with http://", "--upstream", "http", "rsync://x/")]
    [InlineData("at least one suite", "--upstream", "apt", "http://x/")]
    [InlineData("belong to an apt upstream", "--upstream", "rpm", "http://x/", "--suite", "stable")]
    [InlineData("'../etc' is no name", "--upstream", "apt", "http://x/", "--suite", "../etc")]
    [InlineData("begins with http://", "--upstream", "http", "http://x/?a=b")]
    [InlineData("begins with http://", "--upstream", "http", "http://x/#a")]
    [InlineData("is no address of a proxy", "--upstream", "http", "http://x/", "--proxy", "socks5://y/")]
    [InlineData("'../' is no name", "--upstream", "apt", "http://x/", "--suite", "../")]
    [InlineData("'//' is no name", "--upstream", "apt", "http://x/", "--suite", "//")]
    [InlineData("flat suite has no components", "--upstream", "apt", "http://x/", "--suite", "./", "--component", "main")]
    [InlineData("flat suite has no components", "--upstream", "apt", "http://x/", "--suite", "stable", "--suite", "/", "--arch", "amd64")]
    [InlineData("exclude each other", "--upstream", "http", "http://x/", "--command", "true")]
    [InlineData("belong to an --upstream", "--command", "true", "--arch", "amd64")]
    [InlineData("source folder belongs to a command", "--upstream", "http", "http://x/", "--source-folder", "a")]
    [InlineData("strict", "--command", "true", "--gate", "loose")]
    public async Task Refuses_an_upstream_that_cannot_be(string says, params string[] words)
    {
        var refused = await _parceler.RunAsync(["repository", "create", "demo", .. words]);

        refused.Status.Should().Be(2);
        refused.Error.Should().Contain(says).And.NotContain("   at ");
    }

    private async Task<string?> ProxyAsync()
    {
        await using var services = await _parceler.Context(TextWriter.Null, TextWriter.Null).OpenAsync(TestContext.Current.CancellationToken);
        return (await services.GetRequiredService<RepositoryCatalog>().GetAsync(RepositoryName.Parse("debian"), TestContext.Current.CancellationToken)).Mirror!.Proxy;
    }

    private async Task<JsonElement> ShowAsync() => (await _parceler.DoneAsync("repository", "show", "debian", "--json")).Json;
}
