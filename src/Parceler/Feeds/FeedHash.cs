using Parceler.Storage;

namespace Parceler.Feeds;

/// <summary>Of what a hash in an index is.</summary>
internal enum FeedHashKind
{
    /// <summary>The index names none.</summary>
    None,
    Sha256,
    Sha512,
    Sha1,
    Md5,

    /// <summary>SHA-256 of the part of an .apk of apk 3 that describes it, not of the file.</summary>
    ApkDescription,

    /// <summary>SHA-1 of the part of an .apk of apk 2 that describes it, packed.</summary>
    Apk2Description,
}

/// <summary>The hash by which an index names a file.</summary>
internal readonly record struct FeedHash
{
    private readonly Digest _digest;
    private readonly string? _other; // hexadecimal digits, where it is not of 32 bytes

    public FeedHash(FeedHashKind kind, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeOf(kind))
        {
            throw new InvalidDataException($"it has a {NameOf(kind)} of {bytes.Length} bytes");
        }

        Kind = kind;
        _digest = bytes.Length == Digest.Size ? new(bytes) : default;
        _other = bytes.Length == Digest.Size ? null : Convert.ToHexStringLower(bytes);
    }

    public FeedHashKind Kind { get; }

    /// <summary>Lower-case hexadecimal digits.</summary>
    public string Text => Kind == FeedHashKind.None ? "" : _other ?? _digest.ToString();

    public static FeedHash Parse(FeedHashKind kind, ReadOnlySpan<char> hex)
    {
        Span<byte> bytes = stackalloc byte[64];
        return hex.Length <= 2 * bytes.Length && Convert.FromHexString(hex, bytes, out _, out var written) == System.Buffers.OperationStatus.Done
            ? new(kind, bytes[..written])
            : throw new InvalidDataException($"it has a {NameOf(kind)} that is none, '{FeedPath.Shown(hex)}'");
    }

    public static FeedHash Parse(FeedHashKind kind, ReadOnlySpan<byte> hex)
    {
        Span<char> text = stackalloc char[Math.Min(hex.Length, 200)];
        System.Text.Encoding.Latin1.GetChars(hex[..text.Length], text);
        return Parse(kind, text);
    }

    /// <summary>Whether a file has it, as far as its digest tells; null when its bytes have to be read.</summary>
    public bool? Fits(Digest digest) => Kind switch
    {
        FeedHashKind.None => true,
        FeedHashKind.Sha256 => digest == _digest,
        _ => null,
    };

    public override string ToString() => $"{NameOf(Kind)} {Text}";

    public static string NameOf(FeedHashKind kind) => kind switch
    {
        FeedHashKind.Sha256 => "SHA-256",
        FeedHashKind.Sha512 => "SHA-512",
        FeedHashKind.Sha1 => "SHA-1",
        FeedHashKind.Md5 => "MD5",
        FeedHashKind.None => "no hash",
        _ => "hash of the description",
    };

    private static int SizeOf(FeedHashKind kind) => kind switch
    {
        FeedHashKind.None => 0,
        FeedHashKind.Sha512 => 64,
        FeedHashKind.Sha1 or FeedHashKind.Apk2Description => 20,
        FeedHashKind.Md5 => 16,
        _ => 32,
    };
}
