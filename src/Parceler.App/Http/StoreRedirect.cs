using Parceler.Delivery;

namespace Parceler.App.Http;

/// <summary>Who is sent to the bucket for a file, and who gets it from here.</summary>
internal enum StoreDelivery
{
    /// <summary>Clients that would hand their credentials to the bucket get files from here, the others are sent there.</summary>
    Auto,

    /// <summary>All are sent there, but for indexes.</summary>
    Redirect,

    /// <summary>Nobody is.</summary>
    Stream,
}

/// <summary>Sends clients to the bucket for large files and packages: an address signed for a short time, in place of the bytes.</summary>
internal sealed class StoreRedirect(SignedUrls urls, StoreDelivery delivery)
{
    // It takes the credentials along to any host, which tells them to the store, and has it refuse two kinds of authorisation.
    private const string Forwards = "uclient-fetch";

    /// <summary>False when the file is to be sent from here.</summary>
    public bool TryAnswer(HttpContext http, DeliveredFile file)
    {
        if (file.File.IsIndex || !MayLeave(http.Request))
        {
            return false;
        }

        var response = http.Response;
        response.StatusCode = StatusCodes.Status302Found;
        response.Headers.Location = urls.Of(file.File.Digest, file.File.ContentType);
        response.Headers.CacheControl = "no-store";
        response.Headers.AcceptRanges = default; // these are the file's, and this is none
        response.Headers.ETag = default;
        response.Headers.LastModified = default;
        response.ContentType = null;
        response.ContentLength = 0;
        return true;
    }

    private bool MayLeave(HttpRequest request) =>
        delivery switch
        {
            StoreDelivery.Redirect => true,
            StoreDelivery.Stream => false,
            _ => request.Headers.UserAgent.ToString() is { Length: > 0 } agent && !agent.StartsWith(Forwards, StringComparison.OrdinalIgnoreCase),
        };
}
