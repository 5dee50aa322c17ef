using Microsoft.AspNetCore.Http;
using Parceler.Repositories;
using Parceler.Tests.Support;
using Parceler.Upstreams.Mirrors;

namespace Parceler.Tests.Upstreams.Mirrors;

/// <summary>Everything that an upstream can do to a transfer.</summary>
public sealed class DownloadTests : IAsyncLifetime
{
    private static readonly byte[] s_large = Content(3_000_000, 1);
    private MirrorBench _bench = null!;

    public async ValueTask InitializeAsync()
    {
        _bench = await MirrorBench.StartAsync();
        _bench.Write("large.bin", s_large);
        _bench.Write("small.txt", "small");
        WriteSums();
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_tree_is_taken_by_its_sums()
    {
        var files = await SyncAsync();

        files.Keys.Should().Equal("large.bin", "sha256sums", "small.txt");
        _bench.Read(files["small.txt"]).Should().Be("small");
        DateTimeOffset.FromUnixTimeSeconds(files["small.txt"].ModifiedUnixSeconds).Year.Should().Be(2026);
        _bench.Upstream.TakeRequests().Should().Contain(["/large.bin 200", "/small.txt 200"]);
    }

    [Fact]
    public async Task An_unchanged_tree_costs_requests_for_its_heads_and_no_write()
    {
        await SyncAsync();
        var written = File.GetLastWriteTimeUtc(_bench.MemoryFile);
        _bench.Upstream.TakeRequests();

        var files = await SyncAsync();

        files.Should().HaveCount(3);
        _bench.Upstream.TakeRequests().Should().Equal("/sha256sums 304", "/sha256sums.asc 404", "/sha256sums.sig 404");
        (_bench.NewBytes, File.GetLastWriteTimeUtc(_bench.MemoryFile)).Should().Be((0, written));
    }

    [Fact]
    public async Task A_file_that_is_another_of_the_same_size_is_taken_again()
    {
        await SyncAsync();
        _bench.Write("small.txt", "SMALL");
        _bench.Write("sha256sums", $"{Hex(s_large)} *large.bin\n{Hex("SMALL"u8.ToArray())}  small.txt\n");

        _bench.Read((await SyncAsync())["small.txt"]).Should().Be("SMALL");
    }

    [Fact]
    public async Task A_file_that_was_written_within_the_second_is_not_asked_for_by_its_time()
    {
        var sums = await File.ReadAllTextAsync(_bench.PathOf("sha256sums"), TestContext.Current.CancellationToken);
        _bench.Upstream.Fault = async (http, serve) =>
        {
            if (http.Request.Path != "/sha256sums")
            {
                await serve();
                return;
            }

            http.Response.GetTypedHeaders().LastModified = TimeProvider.System.GetUtcNow();
            http.Response.StatusCode = http.Request.Headers.IfModifiedSince.Count > 0 ? 304 : 200; // a second tells no two states apart
            await (http.Response.StatusCode == 304 ? Task.CompletedTask : http.Response.WriteAsync(sums));
        };
        await SyncAsync();
        _bench.Write("small.txt", "SMALL");
        sums = sums.Replace(Hex("small"u8.ToArray()), Hex("SMALL"u8.ToArray()), StringComparison.Ordinal);

        _bench.Read((await SyncAsync())["small.txt"]).Should().Be("SMALL");
    }

    [Fact]
    public async Task What_the_store_has_is_not_downloaded_again()
    {
        await SyncAsync();
        File.Delete(_bench.MemoryFile);
        _bench.Upstream.TakeRequests();

        (await SyncAsync()).Should().HaveCount(3);

        _bench.Upstream.TakeRequests().Should().NotContain(request => request.StartsWith("/large.bin", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1_000_000)]
    [InlineData(1 << 20)]
    [InlineData(2_999_999)]
    public async Task A_transfer_that_was_cut_goes_on_where_it_was(int cut)
    {
        _bench.Upstream.Fault = (http, serve) => IsFirst(http, "/large.bin") ? CutAsync(http, cut) : serve();

        (await SyncAsync()).Should().HaveCount(3);

        var resumed = _bench.Upstream.Requests.Where(request => request.Path == "/large.bin").Skip(1).Should().ContainSingle().Which;
        resumed.Status.Should().Be(206);
        resumed.Headers.Range.ToString().Should().Be($"bytes={cut}-");
        resumed.Headers["If-Range"].ToString().Should().StartWith("\"");
    }

    [Fact]
    public async Task A_file_that_changed_after_the_cut_is_taken_from_its_start()
    {
        _bench.Upstream.Fault = (http, serve) => IsFirst(http, "/large.bin") ? CutAsync(http, 1_500_000, tag: "\"of the version before\"") : serve();

        (await SyncAsync()).Should().HaveCount(3);

        _bench.Upstream.TakeRequests().Should().Contain("/large.bin 200").And.NotContain("/large.bin 206");
    }

    [Fact]
    public async Task A_resumed_transfer_of_other_bytes_is_found_out_and_taken_from_its_start()
    {
        var asked = 0;
        _bench.Upstream.Fault = async (http, serve) =>
        {
            if (http.Request.Path == "/large.bin" && ++asked == 2)
            {
                http.Response.StatusCode = 206;
                http.Response.Headers.ContentRange = $"bytes 1500000-{s_large.Length - 1}/{s_large.Length}";
                await http.Response.Body.WriteAsync(Content(s_large.Length - 1_500_000, 2));
            }
            else
            {
                await (http.Request.Path == "/large.bin" && asked == 1 ? CutAsync(http, 1_500_000) : serve());
            }
        };

        (await SyncAsync()).Should().HaveCount(3);

        asked.Should().Be(3);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task A_burst_of_failures_is_waited_out(int status)
    {
        var failures = 0;
        _bench.Upstream.Fault = (http, serve) => Interlocked.Increment(ref failures) <= 12 ? StatusAsync(http, status) : serve();
        _bench.Options = _bench.Options with { Tries = 20 };

        (await SyncAsync()).Should().HaveCount(3);
    }

    [Fact]
    public async Task Failures_without_end_end_the_sync_with_their_reason()
    {
        _bench.Upstream.Fault = (http, serve) => http.Request.Path == "/large.bin" ? StatusAsync(http, 503) : serve();

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Http))).Should().Be($"{_bench.Upstream.Address}/large.bin was answered with status 503; 6 tries");
    }

    [Theory]
    [InlineData("0", 0, 1.0)]
    [InlineData("2", 2, 2.1)]
    [InlineData("9999", 300, 300)]
    public void Retry_after_is_honoured_within_bounds(string seconds, double least, double most)
    {
        var wait = FetchWaits.After(1, TimeSpan.FromSeconds(int.Parse(seconds, null)), new(), chance: 1);

        wait.TotalSeconds.Should().BeInRange(least, most);
    }

    [Fact]
    public async Task An_upstream_is_left_alone_for_as_long_as_it_asks()
    {
        var asked = new List<long>();
        _bench.Upstream.Fault = (http, serve) =>
        {
            if (http.Request.Path != "/small.txt")
            {
                return serve();
            }

            asked.Add(TimeProvider.System.GetTimestamp());
            http.Response.Headers.RetryAfter = "1";
            return asked.Count == 1 ? StatusAsync(http, 503) : serve();
        };

        (await SyncAsync()).Should().HaveCount(3);

        TimeProvider.System.GetElapsedTime(asked[0], asked[1]).Should().BeGreaterThan(TimeSpan.FromMilliseconds(900));
    }

    [Fact]
    public async Task A_host_gets_no_more_transfers_at_a_time_than_it_may()
    {
        var places = new HostPlaces(new() { Connections = 2 });
        var url = new Uri("http://upstream.example/a");
        var first = places.Enter(url, TestContext.Current.CancellationToken);
        using var second = places.Enter(new("http://UPSTREAM.example/b"), TestContext.Current.CancellationToken);
        using var elsewhere = places.Enter(new("http://other.example/"), TestContext.Current.CancellationToken);
        var third = Task.Run(() => places.Enter(url, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        third.IsCompleted.Should().BeFalse();

        first.Dispose();

        (await third.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken)).Dispose();
    }

    [Fact]
    public async Task A_transfer_that_gets_on_each_time_is_tried_without_end()
    {
        var asked = 0;
        _bench.Options = _bench.Options with { Tries = 3 };
        _bench.Upstream.Fault = (http, serve) =>
        {
            if (http.Request.Path != "/large.bin" || asked >= 8)
            {
                return serve();
            }

            return CutAsync(http, 100_000, from: 100_000 * asked++);
        };

        (await SyncAsync()).Should().HaveCount(3);

        asked.Should().Be(8);
    }

    [Fact]
    public void Waits_grow_and_are_spread_and_bounded()
    {
        var options = new FetchOptions();

        Enumerable.Range(1, 9).Select(number => FetchWaits.After(number, null, options, 1).TotalSeconds).Should().Equal(0.5, 1, 2, 4, 8, 16, 30, 30, 30);
        FetchWaits.After(3, null, options, 0).TotalSeconds.Should().Be(1);
        FetchWaits.After(int.MaxValue, null, options, 1).TotalSeconds.Should().Be(30);
    }

    [Fact]
    public async Task Content_of_another_hash_is_never_kept()
    {
        _bench.Upstream.Fault = (http, serve) => http.Request.Path == "/small.txt" ? http.Response.WriteAsync("SMALL") : serve();

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Http))).Should().StartWith("'small.txt', named by 'sha256sums': its SHA-256 is ").And.Contain("upstream was read 3 times");
        File.Exists(_bench.MemoryFile).Should().BeFalse();
    }

    [Fact]
    public async Task Content_that_is_wrong_once_is_taken_again()
    {
        _bench.Upstream.Fault = (http, serve) => IsFirst(http, "/small.txt") ? http.Response.WriteAsync("SMALL") : serve();

        _bench.Read((await SyncAsync())["small.txt"]).Should().Be("small");
    }

    [Fact]
    public async Task A_stream_without_end_is_cut_at_the_limit()
    {
        _bench.Options = _bench.Options with { LargestFile = 5_000_000 };
        long sent = 0;
        _bench.Upstream.Fault = async (http, serve) =>
        {
            if (http.Request.Path == "/small.txt")
            {
                sent = await FaultyUpstream.EndlessAsync(http);
            }
            else
            {
                await serve();
            }
        };

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Http))).Should().Contain("/small.txt has more than the 5000000 bytes");
        sent.Should().BeLessThan(50_000_000);
    }

    [Fact]
    public async Task A_length_beyond_the_limit_is_refused_before_a_byte_of_it()
    {
        _bench.Options = _bench.Options with { LargestFile = 1_000_000 };

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Http))).Should().Contain("/large.bin has more than the 1000000 bytes");
    }

    [Fact]
    public async Task Silence_is_a_failure_and_the_transfer_goes_on()
    {
        _bench.Options = _bench.Options with { Silence = TimeSpan.FromMilliseconds(300) };
        _bench.Upstream.Fault = async (http, serve) =>
        {
            if (IsFirst(http, "/large.bin"))
            {
                await CutAsync(http, 1_200_000, then: () => Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, http.RequestAborted));
            }
            else
            {
                await serve();
            }
        };

        (await SyncAsync()).Should().HaveCount(3);

        _bench.Upstream.TakeRequests().Should().Contain("/large.bin 206");
    }

    [Fact]
    public async Task Redirects_are_followed_within_bounds()
    {
        var hops = 3;
        _bench.Upstream.Fault = (http, serve) =>
        {
            if (http.Request.Path == "/small.txt" && http.Request.Query["hop"] != $"{hops}")
            {
                http.Response.Redirect($"/small.txt?hop={(int.TryParse(http.Request.Query["hop"], out var hop) ? hop : 0) + 1}");
                return Task.CompletedTask;
            }

            return serve();
        };
        (await SyncAsync()).Should().HaveCount(3);
        File.Delete(_bench.MemoryFile);
        Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(_bench.Blobs.LocalPathOf(default)))!, recursive: true);

        hops = 20;
        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Http))).Should().Contain("more than 5 redirects");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("ftp://127.0.0.1/small.txt")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://")]
    public async Task A_redirect_to_what_is_no_web_server_ends_the_sync_at_once(string? target)
    {
        _bench.Upstream.Fault = (http, serve) =>
        {
            if (http.Request.Path != "/small.txt")
            {
                return serve();
            }

            http.Response.Headers.Location = target;
            return StatusAsync(http, 302);
        };

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Http))).Should().Be($"{_bench.Upstream.Address}/small.txt redirects to nowhere");
        _bench.Upstream.Requests.Count(request => request.Path == "/small.txt").Should().Be(1);
    }

    [Fact]
    public async Task A_trickle_is_a_failure_though_it_is_never_silent()
    {
        _bench.Options = _bench.Options with { Silence = TimeSpan.FromMilliseconds(300), Tries = 2 };
        _bench.Upstream.Fault = (http, serve) => http.Request.Path == "/large.bin" ? TrickleAsync(http) : serve();

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Http))).Should().Be($"{_bench.Upstream.Address}/large.bin comes too slowly; 2 tries");

        static async Task TrickleAsync(HttpContext http)
        {
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.Body.WriteAsync("trickle "u8.ToArray(), http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, http.RequestAborted);
            }
        }
    }

    [Fact]
    public async Task An_upstream_that_never_begins_to_answer_is_a_failure()
    {
        _bench.Options = _bench.Options with { Silence = TimeSpan.FromMilliseconds(300), Tries = 2 };
        _bench.Upstream.Fault = async (http, serve) =>
        {
            await Task.Delay(http.Request.Path == "/small.txt" ? TimeSpan.FromSeconds(30) : TimeSpan.Zero, TimeProvider.System, http.RequestAborted);
            await serve();
        };
        var since = TimeProvider.System.GetTimestamp();

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Http))).Should().StartWith($"{_bench.Upstream.Address}/small.txt ").And.EndWith("; 2 tries");
        TimeProvider.System.GetElapsedTime(since).Should().BeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_connection_that_ends_while_it_is_made_secret_is_tried_again()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var connections = 0;
        _ = CloseAllAsync();

        var error = await _bench.FailsAsync(_bench.Settings(MirrorKind.Http) with { Url = $"https://{listener.LocalEndpoint}/" });

        error.Should().StartWith($"https://{listener.LocalEndpoint}/sha256sums can't be asked: ").And.EndWith("; 6 tries");
        connections.Should().Be(6);

        async Task CloseAllAsync()
        {
            while (true)
            {
                using var connection = await listener.AcceptSocketAsync(); // until the listener is disposed
                Interlocked.Increment(ref connections);
            }
        }
    }

    [Fact]
    public async Task Credentials_go_to_their_host_and_to_no_other()
    {
        using var folder = new TempFolder();
        folder.Write("small.txt", "small");
        await using var other = await FaultyUpstream.StartAsync(folder.Path);
        _bench.Upstream.Fault = (http, serve) =>
        {
            if (http.Request.Headers.Authorization != RawRequest.Basic("us er", "p:w@rd"))
            {
                return StatusAsync(http, 401);
            }

            if (http.Request.Path == "/small.txt")
            {
                http.Response.Redirect($"{other.Address}/small.txt");
                return Task.CompletedTask;
            }

            return serve();
        };
        var settings = _bench.Settings(MirrorKind.Http) with { Url = _bench.Upstream.Address.Replace("http://", "http://us%20er:p%3Aw%40rd@", StringComparison.Ordinal) };

        (await _bench.SyncAsync(settings, TestContext.Current.CancellationToken)).Should().HaveCount(3);

        other.Requests.Should().ContainSingle().Which.Headers.Authorization.ToString().Should().BeEmpty();
        _bench.Lines.Should().NotContain(line => line.Contains("rd@", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_credentials_end_the_sync_at_once_and_are_not_shown()
    {
        _bench.Upstream.Fault = (http, _) => StatusAsync(http, 401);
        var settings = _bench.Settings(MirrorKind.Http) with { Url = _bench.Upstream.Address.Replace("http://", "http://user:hidden@", StringComparison.Ordinal) };

        (await _bench.FailsAsync(settings)).Should().Be($"{_bench.Upstream.Address}/sha256sums was answered with status 401: check user and password in the address of the upstream");
        _bench.Upstream.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task A_proxy_is_asked_in_place_of_upstream_with_its_own_credentials()
    {
        using var folder = new TempFolder();
        await using var proxy = await FaultyUpstream.StartAsync(folder.Path);
        var asked = new List<string>();
        proxy.Fault = async (http, _) =>
        {
            asked.Add($"{http.Request.Host} {http.Request.Headers["Proxy-Authorization"]}");
            if (http.Request.Headers["Proxy-Authorization"].Count == 0)
            {
                http.Response.Headers["Proxy-Authenticate"] = "Basic realm=\"proxy\"";
                http.Response.StatusCode = 407;
                return;
            }

            http.Response.StatusCode = http.Request.Path == "/sha256sums" ? 200 : 404;
            await http.Response.WriteAsync("");
        };
        var settings = _bench.Settings(MirrorKind.Http) with { Url = "http://upstream.invalid/", Proxy = proxy.Address.Replace("http://", "http://me:secret@", StringComparison.Ordinal) };

        (await _bench.SyncAsync(settings, TestContext.Current.CancellationToken)).Keys.Should().Equal("sha256sums");

        asked.Should().Contain($"upstream.invalid {RawRequest.Basic("me", "secret")}");
        _bench.Upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_cancelled_sync_ends_at_once_though_upstream_is_silent()
    {
        var asked = new TaskCompletionSource();
        _bench.Options = _bench.Options with { Silence = TimeSpan.FromMinutes(5) };
        _bench.Upstream.Fault = async (http, serve) =>
        {
            if (http.Request.Path == "/large.bin")
            {
                await CutAsync(http, 100_000, then: async () =>
                {
                    asked.TrySetResult();
                    await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, http.RequestAborted);
                });
            }
            else
            {
                await serve();
            }
        };
        using var stop = new CancellationTokenSource();
        var sync = _bench.SyncAsync(_bench.Settings(MirrorKind.Http), stop.Token);
        await asked.Task;
        var since = TimeProvider.System.GetTimestamp();

        await stop.CancelAsync();

        await FluentActions.Awaiting(() => sync).Should().ThrowAsync<OperationCanceledException>();
        TimeProvider.System.GetElapsedTime(since).Should().BeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task What_came_before_a_failure_is_not_downloaded_again()
    {
        _bench.Options = _bench.Options with { Connections = 1 };
        _bench.Upstream.Fault = (http, serve) => http.Request.Path == "/small.txt" ? StatusAsync(http, 403) : serve();
        await _bench.FailsAsync(_bench.Settings(MirrorKind.Http));
        _bench.Upstream.Fault = null;
        _bench.Upstream.TakeRequests();

        (await SyncAsync()).Should().HaveCount(3);

        _bench.Upstream.TakeRequests().Should().Contain("/small.txt 200").And.NotContain("/large.bin 200");
    }

    private void WriteSums() =>
        _bench.Write("sha256sums", $"{Hex(s_large)} *large.bin\n{Hex("small"u8.ToArray())}  small.txt\n");

    private Task<Dictionary<string, MirroredFile>> SyncAsync() => _bench.SyncAsync(MirrorKind.Http);

    private bool IsFirst(HttpContext http, string path) => http.Request.Path == path && _bench.Upstream.Requests.All(request => request.Path != path);

    private static Task StatusAsync(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    // Some bytes of the large file, and then the connection ends.
    private async Task CutAsync(HttpContext http, int bytes, string? tag = null, Func<Task>? then = null, int from = 0)
    {
        http.Response.ContentLength = s_large.Length - from;
        http.Response.Headers.ETag = tag ?? _bench.Upstream.TagOf("large.bin");
        if (from > 0)
        {
            http.Response.StatusCode = 206;
            http.Response.Headers.ContentRange = $"bytes {from}-{s_large.Length - 1}/{s_large.Length}";
        }

        await http.Response.Body.WriteAsync(s_large.AsMemory(from, bytes));
        await http.Response.Body.FlushAsync();
        await (then?.Invoke() ?? Task.CompletedTask); // the rest never comes: the server closes the connection
    }

    private static byte[] Content(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static string Hex(byte[] content) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
}
