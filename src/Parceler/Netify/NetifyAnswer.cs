using System.Security.Cryptography;

namespace Parceler.Netify;

/// <summary>A good answer, as it is given out.</summary>
/// <param name="Content">As upstream sent it.</param>
/// <param name="FreshUntil">Then upstream is asked again.</param>
/// <param name="ValidUntil">So long it may be given out when upstream does not answer.</param>
internal sealed record NetifyAnswer(ReadOnlyMemory<byte> Content, DateTimeOffset FreshUntil, DateTimeOffset ValidUntil)
{
    public string EntityTag { get; } = $"\"{Convert.ToHexStringLower(SHA256.HashData(Content.Span))}\"";

    public bool IsFreshAt(DateTimeOffset now) => now < FreshUntil && now < ValidUntil;

    public bool IsValidAt(DateTimeOffset now) => now < ValidUntil;
}

/// <summary>Something that machines ask for.</summary>
internal abstract class NetifySource(string name)
{
    /// <summary>Under which the answer is kept.</summary>
    public string Name => name;

    /// <exception cref="NetifyException"/>
    public abstract Task<NetifyAnswer> FetchAsync(CancellationToken cancellation);
}

/// <summary>A catalogue: the same for all machines, and never out of date by itself.</summary>
internal sealed class CatalogueSource(NetifyClient client, string what, TimeProvider clock) : NetifySource(what)
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromHours(12);
    private static readonly TimeSpan s_valid = TimeSpan.FromDays(30);

    public override async Task<NetifyAnswer> FetchAsync(CancellationToken cancellation)
    {
        var content = await client.CatalogueAsync(Name, cancellation);
        var now = clock.GetUtcNow();
        return new(content, now + s_fresh, now + s_valid);
    }
}
