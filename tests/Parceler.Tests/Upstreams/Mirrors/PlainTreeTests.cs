using Microsoft.AspNetCore.Http;
using Parceler.Repositories;
using Parceler.Tests.Support;

namespace Parceler.Tests.Upstreams.Mirrors;

/// <summary>Trees without an index, by the listing pages of their web servers.</summary>
public sealed class PlainTreeTests : IAsyncLifetime
{
    private MirrorBench _bench = null!;

    public async ValueTask InitializeAsync()
    {
        _bench = await MirrorBench.StartAsync();
        _bench.Write("a.txt", "a");
        _bench.Write("images/v 1/c+d~e.bin", "c");
        _bench.Write("images/empty.bin", "");
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task All_files_that_are_listed_are_taken()
    {
        var files = await _bench.SyncAsync(MirrorKind.Http);

        files.Keys.Should().Equal("a.txt", "images/empty.bin", "images/v 1/c+d~e.bin");
        _bench.Read(files["images/v 1/c+d~e.bin"]).Should().Be("c");
    }

    [Fact]
    public async Task What_is_listed_as_before_is_not_asked_for()
    {
        await _bench.SyncAsync(MirrorKind.Http);
        var written = File.GetLastWriteTimeUtc(_bench.MemoryFile);
        _bench.Upstream.TakeRequests();

        (await _bench.SyncAsync(MirrorKind.Http)).Should().HaveCount(3);

        _bench.Upstream.TakeRequests().Should().Equal("/ 200", "/images/ 200", "/images/v 1/ 200", "/sha256sums 404");
        File.GetLastWriteTimeUtc(_bench.MemoryFile).Should().Be(written);
    }

    [Fact]
    public async Task A_file_that_was_written_lately_is_asked_for_by_condition()
    {
        File.SetLastWriteTimeUtc(new FileInfo(_bench.PathOf("a.txt")).FullName, DateTime.UtcNow.AddHours(-1));
        await _bench.SyncAsync(MirrorKind.Http);
        _bench.Upstream.TakeRequests();

        await _bench.SyncAsync(MirrorKind.Http);

        _bench.Upstream.TakeRequests().Should().Contain("/a.txt 304").And.NotContain("/images/empty.bin 200");
    }

    [Fact]
    public async Task Changes_additions_and_removals_arrive()
    {
        await _bench.SyncAsync(MirrorKind.Http);
        _bench.Write("a.txt", "b");
        _bench.Write("new.txt", "n");
        _bench.Delete("images/empty.bin");

        var files = await _bench.SyncAsync(MirrorKind.Http);

        files.Keys.Should().Equal("a.txt", "images/v 1/c+d~e.bin", "new.txt");
        _bench.Read(files["a.txt"]).Should().Be("b");
    }

    [Fact]
    public async Task A_tree_that_changes_while_it_is_taken_is_taken_again()
    {
        var changed = false;
        _bench.Upstream.Fault = async (http, serve) =>
        {
            await serve();
            if (http.Request.Path == "/a.txt" && !changed)
            {
                changed = true;
                _bench.Write("b.txt", "later");
            }
        };

        (await _bench.SyncAsync(MirrorKind.Http)).Keys.Should().Contain("b.txt");

        _bench.Lines.Should().Contain("'b.txt' changed meanwhile: upstream is read again");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_changes_or_goes_while_the_tree_is_taken_has_it_taken_again(bool goes)
    {
        var changed = false;
        _bench.Upstream.Fault = async (http, serve) =>
        {
            if (http.Request.Path == "/images/empty.bin" && !changed)
            {
                changed = true;
                await serve();
                (goes ? () => _bench.Delete("a.txt") : (Action)(() => _bench.Write("a.txt", "later")))();
                return;
            }

            await serve();
        };
        _bench.Options = _bench.Options with { Connections = 1 };

        var files = await _bench.SyncAsync(MirrorKind.Http);

        _bench.Lines.Should().Contain("'a.txt' changed meanwhile: upstream is read again");
        (files.TryGetValue("a.txt", out var file) ? _bench.Read(file) : null).Should().Be(goes ? null : "later");
    }

    [Fact]
    public async Task A_cut_transfer_begins_anew_where_nothing_tells_that_the_rest_is_of_the_same_file()
    {
        _bench.Upstream.Fault = async (http, serve) =>
        {
            if (http.Request.Path == "/a.txt" && _bench.Upstream.Requests.All(request => request.Path != "/a.txt"))
            {
                http.Response.ContentLength = 4;
                await http.Response.WriteAsync("ol"); // without a time or a tag
            }
            else
            {
                await serve();
            }
        };
        _bench.Write("a.txt", "new!");

        _bench.Read((await _bench.SyncAsync(MirrorKind.Http))["a.txt"]).Should().Be("new!");
    }

    [Fact]
    public async Task A_part_that_is_not_the_one_that_was_asked_for_is_not_put_behind_what_is_there()
    {
        _bench.Write("a.txt", "new!");
        var asked = 0;
        _bench.Upstream.Fault = async (http, serve) =>
        {
            if (http.Request.Path != "/a.txt" || ++asked > 2)
            {
                await serve();
                return;
            }

            http.Response.Headers.ETag = _bench.Upstream.TagOf("a.txt");
            http.Response.StatusCode = asked == 1 ? 200 : 206;
            http.Response.ContentLength = asked == 1 ? 4 : 3;
            http.Response.Headers.ContentRange = asked == 1 ? default : "bytes 1-3/4";
            await http.Response.WriteAsync(asked == 1 ? "ne" : "ew!"); // first a cut, then more than the rest
        };

        _bench.Read((await _bench.SyncAsync(MirrorKind.Http))["a.txt"]).Should().Be("new!");
        asked.Should().Be(3);
    }

    [Theory]
    [InlineData("a%01b")]
    [InlineData("a%5Cb")]
    public async Task A_name_that_can_be_none_in_a_repository_ends_the_sync(string name)
    {
        _bench.Upstream.Fault = (http, serve) => http.Request.Path == "/" ? http.Response.WriteAsync($"<a href=\"{name}\">x</a>\n") : serve();

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Http))).Should().Contain("which can't be a path in a repository").And.NotContain("\u0001");
    }

    [Fact]
    public async Task Folders_in_folders_without_end_end_the_sync()
    {
        _bench.Upstream.Fault = (http, serve) => http.Request.Path.Value!.EndsWith('/') ? http.Response.WriteAsync("<a href=\"again/\">again/</a>\n") : serve();

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Http))).Should().StartWith($"{_bench.Upstream.Address}/ has folders in folders, more than 64 deep: 'again/again/");
    }

    [Fact]
    public async Task A_listing_without_end_is_cut_at_the_limit_of_heads()
    {
        _bench.Options = _bench.Options with { LargestHead = 1 << 20 };
        long sent = 0;
        _bench.Upstream.Fault = async (http, serve) =>
        {
            if (http.Request.Path == "/")
            {
                sent = await FaultyUpstream.EndlessAsync(http);
            }
            else
            {
                await serve();
            }
        };

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Http))).Should().Contain("/ has more than the 1048576 bytes");
        sent.Should().BeLessThan(50_000_000);
    }

    [Fact]
    public async Task An_upstream_that_lists_nothing_is_named()
    {
        _bench.Upstream.Lists = false;

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Http))).Should().Be($"{_bench.Upstream.Address}/ lists nothing: it was answered with status 404. Check the address of the upstream");
    }

    [Theory]
    [Trait("Speed", "slow")]
    [InlineData("python3 -m http.server --bind 127.0.0.1 --directory FOLDER PORT")]
    [InlineData("nginx -p WORK -e stderr -c CONFIG")]
    public async Task A_real_web_server_is_mirrored(string server)
    {
        using var work = new TempFolder();
        var port = FreePort.Find();
        var config = work.Write("nginx.conf", $"daemon off; user {Environment.UserName}; pid {work["pid"]}; events {{}} http {{ access_log off; client_body_temp_path {work["b"]}; proxy_temp_path {work["p"]}; fastcgi_temp_path {work["f"]}; uwsgi_temp_path {work["u"]}; scgi_temp_path {work["s"]}; server {{ listen 127.0.0.1:{port}; root {_bench.PathOf("")}; autoindex on; }} }}\n");
        var words = server.Replace("FOLDER", _bench.PathOf(""), StringComparison.Ordinal).Replace("PORT", $"{port}", StringComparison.Ordinal).Replace("WORK", work.Path, StringComparison.Ordinal).Replace("CONFIG", config, StringComparison.Ordinal).Split(' ');
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true })!;
        try
        {
            await Wait.UntilAsync(() => Listens(port), "the web server listens");
            var settings = _bench.Settings(MirrorKind.Http) with { Url = $"http://127.0.0.1:{port}/" };

            (await _bench.SyncAsync(settings, TestContext.Current.CancellationToken)).Keys.Should().Equal("a.txt", "images/empty.bin", "images/v 1/c+d~e.bin");
            (await _bench.SyncAsync(settings, TestContext.Current.CancellationToken)).Should().HaveCount(3);
            _bench.NewBytes.Should().Be(0);
        }
        finally
        {
            Parceler.Upstreams.Signals.Send(process.Id, Parceler.Upstreams.Signals.Terminate); // nginx ends its workers
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static bool Listens(int port)
    {
        try
        {
            using var connection = new System.Net.Sockets.TcpClient("127.0.0.1", port);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
