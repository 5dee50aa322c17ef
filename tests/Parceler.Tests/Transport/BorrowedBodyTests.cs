using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Win32.SafeHandles;
using Parceler.App.Transport;
using Parceler.Tests.Support;

namespace Parceler.Tests.Transport;

/// <summary>Bodies that are sent from where they lie arrive byte for byte, on every kind of connection.</summary>
public sealed class BorrowedBodyTests : IDisposable
{
    private const int Size = 3_000_000;
    private readonly TempFolder _folder = new();
    private readonly byte[] _content = new byte[Size];
    private readonly SafeFileHandle _file;

    public BorrowedBodyTests()
    {
        new Random(11).NextBytes(_content);
        File.WriteAllBytes(_folder["file"], _content);
        _file = File.OpenHandle(_folder["file"]);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Bytes_written_and_borrowed_from_memory_and_from_a_file_come_in_their_order()
    {
        await using var server = await TransportServer.StartAsync(MixAsync);
        using var client = new HttpClient();

        var body = await client.GetByteArrayAsync(new Uri($"http://127.0.0.1:{server.Port}/"), Cancellation);

        body.AsSpan().SequenceEqual((byte[])[.. "begin"u8, .. _content[..70_000], .. "middle"u8, .. _content, .. "end"u8]).Should().BeTrue();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task An_encrypted_connection_borrows_nothing_and_gets_the_same_bytes(string version)
    {
        var borrowed = 0;
        await using var server = await TransportServer.StartAsync(http => SendAsync(http, () => borrowed++), tls: true);
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost" } };
        using var client = new HttpClient(handler) { DefaultRequestVersion = Version.Parse(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

        for (var request = 0; request < 3; request++)
        {
            var body = await client.GetByteArrayAsync(new Uri($"https://127.0.0.1:{server.Port}/"), Cancellation);
            body.AsSpan().SequenceEqual(_content).Should().BeTrue();
        }

        borrowed.Should().Be(0);
    }

    [Fact]
    public async Task A_connection_at_a_path_borrows_too()
    {
        var (borrowed, path) = (0, _folder["socket"]);
        await using var server = await TransportServer.StartAsync(http => SendAsync(http, () => borrowed++), path: path);
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = (_, cancellation) => ConnectAsync(path, cancellation) });

        var body = await client.GetByteArrayAsync(new Uri("http://localhost/"), Cancellation);

        body.AsSpan().SequenceEqual(_content).Should().BeTrue();
        borrowed.Should().Be(1);
    }

    [Fact]
    public async Task A_file_beyond_two_gigabytes_is_sent_from_any_place()
    {
        const long Large = 5L << 30;
        using var file = File.OpenHandle(_folder["large"], FileMode.CreateNew, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, Large); // of holes
        var places = new[] { (1L << 31) - 8, 1L << 31, (1L << 32) - 8, 1L << 32, Large - 8 };
        foreach (var place in places)
        {
            RandomAccess.Write(file, Number(place), place);
        }

        await using var server = await TransportServer.StartAsync(http => SendAsync(http, file, long.Parse(http.Request.Path.Value![1..], null), 8));
        using var client = new HttpClient();
        foreach (var place in places)
        {
            (await client.GetByteArrayAsync(new Uri($"http://127.0.0.1:{server.Port}/{place}"), Cancellation)).Should().Equal(Number(place));
        }
    }

    [Fact]
    public async Task Requests_sent_all_at_once_are_answered_in_order()
    {
        await using var server = await TransportServer.StartAsync(http => SendAsync(http, _file, long.Parse(http.Request.Path.Value![1..], null), 100_000));
        using var socket = await server.ConnectAsync();
        var offsets = Enumerable.Range(0, 100).Select(number => number * 20_011).ToArray();

        await socket.SendAsync(Encoding.ASCII.GetBytes(string.Concat(offsets.Select(offset => $"GET /{offset} HTTP/1.1\r\nHost: x\r\n\r\n"))), Cancellation);

        await using var stream = new NetworkStream(socket);
        foreach (var offset in offsets)
        {
            await ReadHeadersAsync(stream);
            var body = new byte[100_000];
            await stream.ReadExactlyAsync(body, Cancellation);
            body.AsSpan().SequenceEqual(_content.AsSpan(offset, body.Length)).Should().BeTrue();
        }
    }

    [Fact]
    public async Task Clients_that_leave_in_the_middle_leave_nothing_behind()
    {
        await using var server = await TransportServer.StartAsync(http => SendAsync(http, _file, 0, Size));
        var before = OpenFiles();
        for (var client = 0; client < 50; client++)
        {
            using var socket = await server.ConnectAsync(receiveBuffer: 4096);
            await socket.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Cancellation);
            await socket.ReceiveAsync(new byte[100], Cancellation);
        }

        await Wait.UntilAsync(() => OpenFiles() <= before + 2, "the server closed its ends");
        using var next = new HttpClient();
        (await next.GetByteArrayAsync(new Uri($"http://127.0.0.1:{server.Port}/"), Cancellation)).Should().HaveCount(Size);
    }

    [Fact]
    public async Task A_file_that_ends_too_early_ends_the_connection_before_the_length_that_was_said()
    {
        await using var server = await TransportServer.StartAsync(http => SendAsync(http, _file, 0, Size));
        using var socket = await server.ConnectAsync(receiveBuffer: 4096);
        await socket.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Cancellation);
        await using var stream = new NetworkStream(socket);
        await ReadHeadersAsync(stream);

        File.WriteAllBytes(_folder["file"], []); // what the socket holds already was whole

        var body = new byte[Size];
        (await ReadToEndAsync(stream, body)).Should().BeLessThan(Size);
    }

    private Task MixAsync(HttpContext http) =>
        InPartsAsync(http, ["begin"u8.ToArray(), _content.AsMemory(0, 70_000), "middle"u8.ToArray(), null, "end"u8.ToArray()]);

    // Null stands for the file; what is longer than a word is borrowed.
    private async Task InPartsAsync(HttpContext http, ReadOnlyMemory<byte>?[] parts)
    {
        http.Response.ContentLength = parts.Sum(part => part?.Length ?? Size);
        await http.Response.StartAsync(Cancellation);
        var (body, borrowed) = (http.Response.BodyWriter, http.Features.Get<IBorrowedBody>()!);
        foreach (var part in parts)
        {
            if (part is not { } bytes)
            {
                borrowed.TryAdd(body, _file, 0, Size).Should().BeTrue();
            }
            else if (bytes.Length > 10)
            {
                borrowed.TryAdd(body, bytes).Should().BeTrue();
            }
            else
            {
                bytes.CopyTo(body.GetMemory(bytes.Length));
                body.Advance(bytes.Length);
            }
        }

        await body.FlushAsync(Cancellation);
    }

    private async Task SendAsync(HttpContext http, Action borrowed)
    {
        http.Response.ContentLength = Size;
        await http.Response.StartAsync(Cancellation);
        if (http.Features.Get<IBorrowedBody>()?.TryAdd(http.Response.BodyWriter, _file, 0, Size) is true)
        {
            borrowed();
            await http.Response.BodyWriter.FlushAsync(Cancellation);
        }
        else
        {
            await http.Response.BodyWriter.WriteAsync(_content, Cancellation);
        }
    }

    private static async Task SendAsync(HttpContext http, SafeFileHandle file, long offset, int count)
    {
        http.Response.ContentLength = count;
        await http.Response.StartAsync(Cancellation);
        http.Features.Get<IBorrowedBody>()!.TryAdd(http.Response.BodyWriter, file, offset, count).Should().BeTrue();
        await http.Response.BodyWriter.FlushAsync(Cancellation);
    }

    private static async Task ReadHeadersAsync(NetworkStream stream)
    {
        var (one, last) = (new byte[1], 0u);
        while (last != 0x0d0a0d0a)
        {
            await stream.ReadExactlyAsync(one, Cancellation);
            last = (last << 8) | one[0];
        }
    }

    private static async Task<int> ReadToEndAsync(NetworkStream stream, byte[] body)
    {
        try
        {
            return await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, Cancellation);
        }
        catch (IOException)
        {
            return 0; // reset
        }
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static byte[] Number(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    private static int OpenFiles() => Directory.GetFiles("/proc/self/fd").Length;
}
