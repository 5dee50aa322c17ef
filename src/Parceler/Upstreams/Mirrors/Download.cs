using System.Net;
using System.Net.Http.Headers;
using Parceler.Feeds;
using Parceler.Storage;

namespace Parceler.Upstreams.Mirrors;

/// <summary>A file to take from upstream.</summary>
/// <param name="Size">What its index says; null where none does.</param>
/// <param name="Limit">Bytes that it may have where no size is known.</param>
internal readonly record struct WantedFile(Uri Url, long? Size, FeedHash Hash, long Limit)
{
    /// <summary>By which upstream tells whether it is still the one that was taken last.</summary>
    public Validator Known { get; init; }
}

/// <summary>What upstream says of a version of a file: an entity tag, a time, or neither.</summary>
internal readonly record struct Validator(string? Tag, long Modified)
{
    private static readonly TimeSpan s_restless = TimeSpan.FromSeconds(2);

    public bool IsNone => Tag is null && Modified == 0;

    public static Validator Of(HttpResponseMessage response)
    {
        var modified = response.Content.Headers.LastModified;
        return modified is { } time && response.Headers.Date is { } sent && sent - time < s_restless
            ? default // it may have changed again within the same second
            : new(response.Headers.ETag?.ToString(), modified?.ToUnixTimeSeconds() ?? 0);
    }
}

/// <summary>What came of asking for a file.</summary>
internal abstract record DownloadResult
{
    private DownloadResult() { }

    /// <summary>It is staged. <see cref="Version"/> tells it from later ones.</summary>
    internal sealed record Taken(Digest Digest, long Size, Validator Version) : DownloadResult;

    /// <summary>It is still the one that is known.</summary>
    internal sealed record Unchanged : DownloadResult;

    internal sealed record Absent : DownloadResult;

    /// <summary>It is not what its index names, however often it is asked for.</summary>
    internal sealed record Differs(string Reason) : DownloadResult;
}

/// <summary>
/// Takes one file: asks again when it fails, resumes where a transfer was cut, and keeps it only if it is what was wanted.
/// </summary>
internal sealed class Download(UpstreamClient client, HostPlaces places, WantedFile wanted, ContentSink writer, FetchOptions options, TimeProvider clock)
{
    private const long RealProgress = 64 << 10;
    private Validator _version;

    /// <exception cref="MirrorException">Upstream fails, or refuses.</exception>
    public DownloadResult Run(CancellationToken cancellation)
    {
        var failures = 0;
        var wrong = 0;
        while (true)
        {
            var before = writer.Size;
            try
            {
                var result = Try(cancellation);
                if (result is not DownloadResult.Differs || ++wrong >= options.TriesOfContent)
                {
                    return result;
                }

                Wait(wrong, null, cancellation);
            }
            catch (PassingException e)
            {
                failures = writer.Size >= before + RealProgress ? 1 : failures + 1;
                if (failures >= options.Tries)
                {
                    throw new MirrorException($"{e.Message}; {failures} tries", e);
                }

                Wait(failures, e.RetryAfter, cancellation);
            }
        }
    }

    private void Wait(int failures, TimeSpan? retryAfter, CancellationToken cancellation) =>
        Task.Delay(FetchWaits.After(failures, retryAfter, options, Random.Shared.NextDouble()), clock, cancellation).GetAwaiter().GetResult();

    private DownloadResult Try(CancellationToken cancellation)
    {
        using var place = places.Enter(wanted.Url, cancellation);
        if (writer.Size > 0 && _version.IsNone && wanted.Hash.Kind == FeedHashKind.None)
        {
            writer.Restart(); // nothing would tell that the rest is of the same file
        }

        using var response = client.Get(wanted.Url, Prepare, cancellation);
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                writer.Restart();
                break;
            case HttpStatusCode.PartialContent when response.Content.Headers.ContentRange?.From == writer.Size && writer.Size > 0:
                break;
            case HttpStatusCode.NotModified when !wanted.Known.IsNone:
                return new DownloadResult.Unchanged();
            case HttpStatusCode.NotFound or HttpStatusCode.Gone:
                return new DownloadResult.Absent();
            default:
                writer.Restart();
                throw Refused(response);
        }

        _version = Validator.Of(response);
        return LengthFault(response) is { } fault ? Differs(fault) : Copy(response, cancellation);
    }

    private void Prepare(HttpRequestMessage request)
    {
        if (writer.Size > 0)
        {
            request.Headers.Range = new(writer.Size, null);
            if (_version.Tag is { } tag && !tag.StartsWith("W/", StringComparison.Ordinal))
            {
                request.Headers.TryAddWithoutValidation("If-Range", tag);
            }
            else if (_version.Modified != 0)
            {
                request.Headers.IfRange = new RangeConditionHeaderValue(DateTimeOffset.FromUnixTimeSeconds(_version.Modified));
            }
        }
        else if (wanted.Known.Tag is { } known)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
        }
        else if (wanted.Known.Modified != 0)
        {
            request.Headers.IfModifiedSince = DateTimeOffset.FromUnixTimeSeconds(wanted.Known.Modified);
        }
    }

    private string? LengthFault(HttpResponseMessage response)
    {
        var length = response.Content.Headers.ContentLength + writer.Size;
        return length is null ? null
            : wanted.Size is { } size && length != size ? $"it has {length} bytes, not the {size} that its index names"
            : length > wanted.Limit && wanted.Size is null ? throw TooLong()
            : null;
    }

    private DownloadResult Copy(HttpResponseMessage response, CancellationToken cancellation)
    {
        var end = ReadBody(response, cancellation);
        if (end is not null)
        {
            return Differs(end);
        }

        var digest = writer.Finish();
        if (wanted.Hash.Fits(digest) == false)
        {
            return Differs($"its SHA-256 is {digest}, not the {wanted.Hash.Text} that its index names");
        }

        var size = writer.Size;
        writer.Keep();
        return new DownloadResult.Taken(digest, size, _version);
    }

    private string? ReadBody(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var body = response.Content.ReadAsStream(cancellation);
        var pace = new Pace(options, clock);
        while (Read(body, cancellation) is > 0 and var count)
        {
            writer.Took(count); // a failure of the disk is none of upstream's
            if (writer.Size > (wanted.Size ?? wanted.Limit))
            {
                return wanted.Size is { } size ? $"it goes on behind the {size} bytes that its index names" : throw TooLong();
            }

            if (!pace.Goes(count))
            {
                throw new PassingException($"{wanted.Url} comes too slowly");
            }
        }

        // Without a length, the end of the connection is the end of the file, or a cut.
        return wanted.Size is { } whole && writer.Size < whole
            ? response.Content.Headers.ContentLength is null ? throw new PassingException($"{wanted.Url} was cut at byte {writer.Size} of {whole}") : $"it has {writer.Size} bytes, not the {whole} that its index names"
            : null;
    }

    private int Read(Stream body, CancellationToken cancellation)
    {
        try
        {
            return body.Read(writer.Space);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new PassingException($"{wanted.Url} was cut at byte {writer.Size}: {e.Message}", cause: e);
        }
    }

    private DownloadResult.Differs Differs(string reason)
    {
        writer.Restart();
        return new(reason);
    }

    private MirrorException TooLong() => new($"{wanted.Url} has more than the {wanted.Limit} bytes that are taken of a file whose size no index tells (MIRROR_LARGEST_FILE_GB)");

    private MirrorException Refused(HttpResponseMessage response)
    {
        var what = $"{wanted.Url} was answered with status {(int)response.StatusCode}";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new MirrorException($"{what}: check user and password in the address of the upstream"),
            HttpStatusCode.ProxyAuthenticationRequired => new MirrorException($"{what}: check user and password in the address of the proxy"),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425 or >= HttpStatusCode.InternalServerError => new PassingException(what, FetchWaits.Asked(response, clock.GetUtcNow())),
            HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.PartialContent => new PassingException(what),
            _ => new MirrorException(what),
        };
    }
}

/// <summary>Whether a transfer goes on fast enough.</summary>
internal struct Pace(FetchOptions options, TimeProvider clock)
{
    private long _since = clock.GetTimestamp();
    private long _bytes;

    public bool Goes(int count)
    {
        _bytes += count;
        if (_bytes >= options.LeastBytes)
        {
            (_bytes, _since) = (0, clock.GetTimestamp());
            return true;
        }

        return clock.GetElapsedTime(_since) < options.Silence;
    }
}
