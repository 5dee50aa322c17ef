using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Parceler.App.Transport;
using Parceler.Delivery;

namespace Parceler.App.Http;

/// <summary>Sends a file, a part of it, or only its headers. Bytes go out as upstream made them.</summary>
internal sealed partial class FileAnswer(OpenBlobs blobs, LongRequests requests, DeliveryOptions options, StoreOutage outage, ILogger<FileAnswer> log, StoreRedirect? store = null)
{
    /// <summary>An nginx in front maps it to <c>blobs/</c> of the storage.</summary>
    public const string OffloadPrefix = "/x-accel/";
    private const int Borrowed = 2 << 20; // holds no memory
    private const int InARow = 8 * Borrowed; // then the others of the receiving thread get their turn
    private const long OffloadFrom = 256_000; // bytes

    public ValueTask<bool> SendAsync(HttpContext http, DeliveredFile file)
    {
        var response = http.Response;
        SetHeaders(response.Headers, file);
        if (Conditions.NotModified(http.Request.Headers, file))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return ValueTask.FromResult(true);
        }

        response.ContentType = file.File.ContentType;
        var range = Conditions.AllowsRange(http.Request.Headers, file) ? ByteRange.Parse(http.Request.Headers.Range, file.File.Size) : ByteRange.Whole(file.File.Size);
        if (HttpMethods.IsHead(http.Request.Method))
        {
            response.ContentLength = file.File.Size; // ranges are defined for GET alone (RFC 9110, 14.2)
            return ValueTask.FromResult(true);
        }

        if (options.XAccel && file.File.Size >= OffloadFrom && !file.File.IsIndex)
        {
            var digest = file.File.Digest.ToString();
            response.Headers.AcceptRanges = default; // nginx keeps ours and adds its own
            response.Headers["X-Accel-Redirect"] = string.Concat(OffloadPrefix, digest.AsSpan(0, 2), "/", digest);
            return ValueTask.FromResult(true);
        }

        if (range.Length < 0)
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = $"bytes */{file.File.Size}";
            response.ContentLength = 0;
            return ValueTask.FromResult(true);
        }

        return store?.TryAnswer(http, file) is true ? ValueTask.FromResult(true) : SendBytesAsync(http, file.File, range);
    }

    private static void SetHeaders(IHeaderDictionary headers, DeliveredFile file)
    {
        headers.ETag = file.File.EntityTag;
        headers.LastModified = Conditions.HttpDate(file.LastModified);
        headers.AcceptRanges = "bytes";
        headers.XContentTypeOptions = "nosniff";
    }

    private ValueTask<bool> SendBytesAsync(HttpContext http, TreeFile file, ByteRange range)
    {
        var blob = blobs.TryUse(file.Digest);
        return blob is { Content: not null } ? SendAsync(http, blob, file, range) : SendFromDiskAsync(http, blob, file, range);
    }

    private async ValueTask<bool> SendFromDiskAsync(HttpContext http, OpenBlob? open, TreeFile file, ByteRange range)
    {
        if (open is null || !PageCache.Holds(open.File!, range.Start, (int)Math.Min(Borrowed, range.Length)))
        {
            await ReceivingThread.Leave();
        }

        OpenBlob blob;
        try
        {
            blob = open ?? await blobs.UseAsync(file.Digest, file.Size);
        }
        catch (IOException e) when (blobs.IsOfStore)
        {
            outage.Begins(e);
            Fail(http.Response, StatusCodes.Status503ServiceUnavailable);
            http.Response.Headers.RetryAfter = RandomNumberGenerator.GetInt32(10, 61).ToString(CultureInfo.InvariantCulture);
            return true;
        }
        catch (Exception e) when (e is BrokenBlobException or IOException or UnauthorizedAccessException)
        {
            NotSent(log, file.Path, e.Message);
            Fail(http.Response, StatusCodes.Status500InternalServerError);
            return true;
        }

        return await SendAsync(http, blob, file, range);
    }

    private static void Fail(HttpResponse response, int status)
    {
        response.Clear();
        response.StatusCode = status;
        response.ContentLength = 0;
    }

    private async ValueTask<bool> SendAsync(HttpContext http, OpenBlob blob, TreeFile file, ByteRange range)
    {
        try
        {
            SetRange(http.Response, file, range);
            await (blob.Content is { } content ? SendMemoryAsync(http, content.AsMemory((int)range.Start, (int)range.Length)) : SendFileAsync(http, blob, range));
        }
        finally
        {
            blob.Release();
        }

        return true;
    }

    private static void SetRange(HttpResponse response, TreeFile file, ByteRange range)
    {
        response.ContentLength = range.Length;
        if (response.HttpContext.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null; // it counts no bytes of a body sent so, and would cut slow clients: Transport/Pace looks after them
        }

        if (range.IsPart)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {range.Start}-{range.Start + range.Length - 1}/{file.Size}";
        }
    }

    // The response is started first: until then the server lends memory that it copies once more. Nothing here asks for
    // RequestAborted, which costs more than the answer: a flush ends when the client is gone.
    private static async ValueTask SendMemoryAsync(HttpContext http, ReadOnlyMemory<byte> content)
    {
        await http.Response.StartAsync(CancellationToken.None);
        var body = http.Response.BodyWriter;
        await (http.Features.Get<IBorrowedBody>()?.TryAdd(body, content) is true ? body.FlushAsync(CancellationToken.None) : body.WriteAsync(content, CancellationToken.None));
    }

    private async ValueTask SendFileAsync(HttpContext http, OpenBlob blob, ByteRange range)
    {
        await http.Response.StartAsync(CancellationToken.None);
        var (body, borrowed) = (http.Response.BodyWriter, http.Features.Get<IBorrowedBody>());
        for (var (offset, end) = (range.Start, range.Start + range.Length); offset < end;)
        {
            if (await ReadableAsync(blob, offset) is not (> 0 and var readable))
            {
                http.Abort(); // the store gave up, or what it gave is not the file: the client must not take it for whole
                return;
            }

            var count = (int)Math.Min(Borrowed, Math.Min(readable, end) - offset);
            if (borrowed?.TryAdd(body, blob.File!, offset, count) is not true && (count = Copy(blob, offset, Math.Min(requests.Piece, count), body)) == 0)
            {
                http.Abort(); // shorter than at its opening: the client must not take it for whole
                return;
            }

            offset += count;
            if ((await body.FlushAsync(CancellationToken.None)).IsCompleted)
            {
                return;
            }

            if (offset < end && ((offset - range.Start) % InARow == 0 || !PageCache.Holds(blob.File!, offset, (int)Math.Min(Borrowed, end - offset))))
            {
                await ReceivingThread.Leave();
            }
        }
    }

    // Up to where the blob can be read; 0 when no more of it will come.
    private async ValueTask<long> ReadableAsync(OpenBlob blob, long offset)
    {
        if (blob.Arrival is not { IsWhole: false } arrival)
        {
            return blob.Size;
        }

        try
        {
            return await arrival.MoreThanAsync(offset);
        }
        catch (BrokenBlobException e)
        {
            NotSent(log, "A file", e.Message);
        }
        catch (IOException e)
        {
            outage.Begins(e);
        }

        return 0;
    }

    private static int Copy(OpenBlob blob, long offset, int most, PipeWriter body)
    {
        var buffer = body.GetMemory(most).Span;
        var count = blob.Read(buffer[..Math.Min(buffer.Length, most)], offset);
        body.Advance(count);
        return count;
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Path} can't be sent: {Problem}")]
    private static partial void NotSent(ILogger log, string path, string problem);
}
