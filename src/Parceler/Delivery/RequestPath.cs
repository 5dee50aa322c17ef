using System.Text;
using Parceler.Storage;

namespace Parceler.Delivery;

/// <summary>What a request target means for delivery.</summary>
internal enum TargetKind
{
    /// <summary>It is not below <c>/repository/</c>.</summary>
    Elsewhere,

    /// <summary>It is, but no client of a repository would write it so.</summary>
    Malformed,
    File,

    /// <summary>A file as apt writes the paths of flat suites (<c>deb URL ./</c>): with '.' segments, which are left out here.</summary>
    DottedFile,
}

/// <summary>
/// A raw request target taken apart: <c>/repository/{tier}/{repository}/{path}</c>. Judged as it came over the wire, and
/// percent-decoded exactly once. The parts are slices of the target as long as nothing in it is encoded.
/// </summary>
internal readonly ref struct RequestPath
{
    private const string Dot = "/./";

    private RequestPath(TargetKind kind) => Kind = kind;

    private RequestPath(TargetKind kind, ReadOnlySpan<char> tier, ReadOnlySpan<char> repository, ReadOnlySpan<char> path)
    {
        Kind = kind;
        Tier = tier;
        Repository = repository;
        Path = path;
    }

    public TargetKind Kind { get; }
    public ReadOnlySpan<char> Tier { get; }
    public ReadOnlySpan<char> Repository { get; }

    /// <summary>Path inside the repository; empty when the target names only a tier, or only a repository.</summary>
    public ReadOnlySpan<char> Path { get; }

    public static RequestPath Parse(string target)
    {
        var rest = WithoutQuery(WithoutHost(target));
        if (!TryCut(ref rest))
        {
            return new(TargetKind.Elsewhere);
        }

        var kind = TargetKind.File;
        if (rest.Contains(Dot, StringComparison.Ordinal))
        {
            kind = TargetKind.DottedFile;
            rest = WithoutDots(rest);
        }

        if (rest.Contains('%'))
        {
            if (Decode(rest) is not { } decoded)
            {
                return new(TargetKind.Malformed);
            }

            rest = decoded;
        }

        return PackagePath.IsValid(rest) ? Split(kind, rest) : new(TargetKind.Malformed);
    }

    private static RequestPath Split(TargetKind kind, ReadOnlySpan<char> rest)
    {
        var afterTier = rest.IndexOf('/');
        if (afterTier < 0)
        {
            return new(kind, rest, [], []);
        }

        var tail = rest[(afterTier + 1)..];
        var afterName = tail.IndexOf('/');
        return afterName < 0 ? new(kind, rest[..afterTier], tail, []) : new(kind, rest[..afterTier], tail[..afterName], tail[(afterName + 1)..]);
    }

    // Those of the path alone, and only those that came as they are; what is left of them is found invalid.
    private static string WithoutDots(ReadOnlySpan<char> rest)
    {
        var head = rest.IndexOf('/') is >= 0 and var tier ? tier + 1 + rest[(tier + 1)..].IndexOf('/') : 0;
        var path = rest[head..].ToString();
        while (path.Contains(Dot, StringComparison.Ordinal))
        {
            path = path.Replace(Dot, "/", StringComparison.Ordinal);
        }

        return string.Concat(rest[..head], path);
    }

    // Absolute form (RFC 9112, 3.2.2), as a proxy may send it.
    private static ReadOnlySpan<char> WithoutHost(ReadOnlySpan<char> target)
    {
        var scheme = target.IndexOf("://");
        if (target.StartsWith('/') || scheme < 0)
        {
            return target;
        }

        var path = target[(scheme + 3)..];
        return path[Math.Max(path.IndexOf('/'), 0)..];
    }

    private static ReadOnlySpan<char> WithoutQuery(ReadOnlySpan<char> target)
    {
        var end = target.IndexOfAny('?', '#');
        return end < 0 ? target : target[..end];
    }

    private static bool TryCut(ref ReadOnlySpan<char> target)
    {
        foreach (var start in (ReadOnlySpan<string>)["/repository/", "/repositories/"])
        {
            if (target.StartsWith(start))
            {
                target = target[start.Length..];
                return true;
            }
        }

        return false;
    }

    // Null for what must not be decoded: a slash in disguise, broken escapes, bytes that are no UTF-8.
    private static string? Decode(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                count += Encoding.UTF8.GetBytes(text.Slice(i, 1), bytes.AsSpan(count));
                continue;
            }

            if (i + 2 >= text.Length || !byte.TryParse(text.Slice(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var value) || value is 0 or (byte)'/')
            {
                return null;
            }

            bytes[count++] = value;
            i += 2;
        }

        try
        {
            return s_strict.GetString(bytes, 0, count);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
