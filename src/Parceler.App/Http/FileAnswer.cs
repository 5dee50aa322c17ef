using Parceler.Delivery;

namespace Parceler.App.Http;

/// <summary>Sends a file, a part of it, or only its headers. Bytes go out as upstream made them.</summary>
internal sealed partial class FileAnswer(OpenBlobs blobs, LongRequests requests, DeliveryOptions options, ILogger<FileAnswer> log)
{
    /// <summary>An nginx in front maps it to <c>blobs/</c> of the storage.</summary>
    public const string OffloadPrefix = "/x-accel/";
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

        return SendBytesAsync(http, file.File, range);
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
        await ReceivingThread.Leave();
        OpenBlob blob;
        try
        {
            blob = open ?? blobs.Use(file.Digest, file.Size);
        }
        catch (Exception e) when (e is BrokenBlobException or IOException or UnauthorizedAccessException)
        {
            NotSent(log, file.Path, e.Message);
            http.Response.Clear();
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            http.Response.ContentLength = 0;
            return true;
        }

        return await SendAsync(http, blob, file, range);
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
        if (range.IsPart)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {range.Start}-{range.Start + range.Length - 1}/{file.Size}";
        }
    }

    private static async ValueTask SendMemoryAsync(HttpContext http, ReadOnlyMemory<byte> content)
    {
        await http.Response.StartAsync(http.RequestAborted);
        await http.Response.BodyWriter.WriteAsync(content, http.RequestAborted);
    }

    // The response is started first: until then the server lends memory that it copies once more.
    private async ValueTask SendFileAsync(HttpContext http, OpenBlob blob, ByteRange range)
    {
        await http.Response.StartAsync(http.RequestAborted);
        var writer = http.Response.BodyWriter;
        var (offset, end) = (range.Start, range.Start + range.Length);
        while (offset < end && !http.RequestAborted.IsCancellationRequested)
        {
            var buffer = writer.GetMemory((int)Math.Min(requests.Piece, end - offset));
            var count = blob.Read(buffer.Span[..(int)Math.Min(buffer.Length, end - offset)], offset);
            if (count == 0)
            {
                http.Abort(); // shorter than at its opening: the client must not take it for whole
                return;
            }

            writer.Advance(count);
            offset += count;
            if ((await writer.FlushAsync(http.RequestAborted)).IsCompleted)
            {
                return;
            }

            await ReceivingThread.Leave();
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Path} can't be sent: {Problem}")]
    private static partial void NotSent(ILogger log, string path, string problem);
}
