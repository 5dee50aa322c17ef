namespace Parceler.Formats.Apk;

/// <summary>What a package needs, provides, replaces or (with <see cref="ApkMatch.Conflict"/>) refuses. Without version, any fits.</summary>
public sealed record ApkDependency(string Name, string? Version = null, ApkMatch Match = ApkMatch.Equal)
{
    /// <summary>The text of apk: name, name=1, name>=1, name~1, !name.</summary>
    public override string ToString() => $"{(Match.HasFlag(ApkMatch.Conflict) ? "!" : "")}{Name}{(Version is null ? "" : $"{Operator}{Version}")}";

    private string Operator => (Match & ~ApkMatch.Conflict) switch
    {
        ApkMatch.Less => "<",
        ApkMatch.Less | ApkMatch.Equal => "<=",
        ApkMatch.Less | ApkMatch.Equal | ApkMatch.Fuzzy => "<~",
        ApkMatch.Fuzzy or (ApkMatch.Fuzzy | ApkMatch.Equal) => "~",
        ApkMatch.Greater | ApkMatch.Equal => ">=",
        ApkMatch.Greater | ApkMatch.Equal | ApkMatch.Fuzzy => ">~",
        ApkMatch.Greater => ">",
        ApkMatch.Greater | ApkMatch.Less => "><",
        _ => "=",
    };

    internal static ApkDependency Of(AdbValue value)
    {
        var match = value[3].ToNumber() is { } number ? (ApkMatch)(number & 31) : ApkMatch.Equal;
        return new(value[1].ToText() ?? throw AdbFile.Damaged(), value[2].ToText(), match);
    }

    internal uint Write(AdbWriter writer) =>
        writer.Object(writer.Text(Name), writer.Text(Version), Match == ApkMatch.Equal ? 0 : writer.Number((ulong)Match));
}
