namespace Parceler.Formats.Apk;

/// <summary>What an index of apk 3, or a package, says of a package. Sizes in bytes, times in seconds since 1970; null where it says nothing.</summary>
public sealed record ApkPackage(string Name, string Version)
{
    /// <summary>In an index, the SHA-256 of the description in the package; in a package, a number of its own of 20 bytes.</summary>
    public ReadOnlyMemory<byte> Hash { get; init; }

    public string? Description { get; init; }

    public string? Architecture { get; init; }

    public string? License { get; init; }

    public string? Origin { get; init; }

    public string? Maintainer { get; init; }

    public string? Url { get; init; }

    public ReadOnlyMemory<byte> RepositoryCommit { get; init; }

    public ulong? BuildTime { get; init; }

    public ulong? InstalledSize { get; init; }

    /// <summary>Size of the .apk; only an index has it.</summary>
    public ulong? FileSize { get; init; }

    public ulong? ProviderPriority { get; init; }

    public IReadOnlyList<ApkDependency> Depends { get; init; } = [];

    public IReadOnlyList<ApkDependency> Provides { get; init; } = [];

    public IReadOnlyList<ApkDependency> Replaces { get; init; } = [];

    public IReadOnlyList<ApkDependency> InstallIf { get; init; } = [];

    public IReadOnlyList<ApkDependency> Recommends { get; init; } = [];

    public ulong? Layer { get; init; }

    /// <summary>Words such as openwrt:abiversion=X.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The name that the file has beside its index, unless the index says otherwise.</summary>
    public string FileName => $"{Name}-{Version}.apk";

    internal static ApkPackage Of(AdbValue value) => new(value[1].ToText() ?? throw AdbFile.Damaged(), value[2].ToText() ?? throw AdbFile.Damaged())
    {
        Hash = value[3].ToBytes().ToArray(),
        Description = value[4].ToText(),
        Architecture = value[5].ToText(),
        License = value[6].ToText(),
        Origin = value[7].ToText(),
        Maintainer = value[8].ToText(),
        Url = value[9].ToText(),
        RepositoryCommit = value[10].ToBytes().ToArray(),
        BuildTime = value[11].ToNumber(),
        InstalledSize = value[12].ToNumber(),
        FileSize = value[13].ToNumber(),
        ProviderPriority = value[14].ToNumber(),
        Depends = [.. value[15].Items().Select(ApkDependency.Of)],
        Provides = [.. value[16].Items().Select(ApkDependency.Of)],
        Replaces = [.. value[17].Items().Select(ApkDependency.Of)],
        InstallIf = [.. value[18].Items().Select(ApkDependency.Of)],
        Recommends = [.. value[19].Items().Select(ApkDependency.Of)],
        Layer = value[20].ToNumber(),
        Tags = [.. value[21].Items().Select(tag => tag.ToText() ?? "")],
    };

    internal uint Write(AdbWriter writer) => writer.Object(
        writer.Text(Name),
        writer.Text(Version),
        writer.Bytes(Hash.Span),
        writer.Text(Description),
        writer.Text(Architecture),
        writer.Text(License),
        writer.Text(Origin),
        writer.Text(Maintainer),
        writer.Text(Url),
        writer.Bytes(RepositoryCommit.Span),
        Write(writer, BuildTime),
        Write(writer, InstalledSize),
        Write(writer, FileSize),
        Write(writer, ProviderPriority),
        Write(writer, Depends),
        Write(writer, Provides),
        Write(writer, Replaces),
        Write(writer, InstallIf),
        Write(writer, Recommends),
        Write(writer, Layer),
        writer.Array([.. Tags.Select(writer.Text)]));

    private static uint Write(AdbWriter writer, ulong? number) => number is { } value ? writer.Number(value) : 0;

    // apk looks them up by halving, so they stand in order and once
    private static uint Write(AdbWriter writer, IReadOnlyList<ApkDependency> dependencies) => writer.Array([
        .. dependencies.Distinct()
            .OrderBy(dependency => dependency.Name, ByBytes.Instance)
            .ThenBy(dependency => dependency.Version ?? "", ApkVersionOrder.Instance)
            .ThenBy(dependency => dependency.Match)
            .Select(dependency => dependency.Write(writer))]);
}
