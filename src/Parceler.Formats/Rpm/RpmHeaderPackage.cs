namespace Parceler.Formats.Rpm;

/// <summary>Makes of a header what an index lists, as createrepo_c does.</summary>
internal static class RpmHeaderPackage
{
    private const string Libc = "libc.so.6";
    private const uint DirectoryMode = 0x4000;
    private const uint ModeMask = 0xF000;
    private const uint GhostFlag = 0x40;

    public static RpmPackage Of(RpmHeader header, RpmHeader signatures)
    {
        var files = FilesOf(header);
        var isSource = !header.Has(RpmTag.SourceRpm);
        return new(Required(header, RpmTag.Name), new((uint)(header.Number(RpmTag.Epoch) ?? 0), Required(header, RpmTag.Version), Required(header, RpmTag.Release)), isSource ? "src" : header.Text(RpmTag.Architecture))
        {
            Summary = header.Text(RpmTag.Summary),
            Description = header.Text(RpmTag.Description),
            Packager = header.Text(RpmTag.Packager),
            Url = header.Text(RpmTag.Url),
            BuildTime = (long)(header.Number(RpmTag.BuildTime) ?? 0),
            InstalledSize = (long)(header.Number(RpmTag.Size) ?? header.Number(RpmTag.LongSize) ?? 0),
            ArchiveSize = (long)(signatures.Number(RpmTag.SignatureArchiveSize) ?? signatures.Number(RpmTag.SignatureLongArchiveSize) ?? header.Number(RpmTag.ArchiveSize) ?? 0),
            License = header.Text(RpmTag.License),
            Vendor = header.Text(RpmTag.Vendor),
            Group = header.Text(RpmTag.Group),
            BuildHost = header.Text(RpmTag.BuildHost),
            SourceRpm = header.Text(RpmTag.SourceRpm),
            Dependencies = DependenciesOf(header, files),
            Files = files,
        };
    }

    private static Dictionary<RpmDependencyKind, IReadOnlyList<RpmDependency>> DependenciesOf(RpmHeader header, IReadOnlyList<RpmPath> files)
    {
        var all = Enum.GetValues<RpmDependencyKind>().ToDictionary(kind => kind, kind => (IReadOnlyList<RpmDependency>)Read(header, kind));
        all[RpmDependencyKind.Requires] = Needed(all[RpmDependencyKind.Requires], all[RpmDependencyKind.Provides], files);
        return all.Where(kind => kind.Value.Count > 0).ToDictionary();
    }

    private static RpmDependency[] Read(RpmHeader header, RpmDependencyKind kind)
    {
        var tags = RpmTag.Of(kind);
        var (names, versions, flags) = (header.Texts(tags.Names), header.Texts(tags.Versions), header.Numbers(tags.Flags));
        return names.Count == versions.Count && names.Count == flags.Length
            ? [.. names.Select((name, at) => RpmDependency.Of(name, (uint)flags[at], versions[at], hasPre: kind == RpmDependencyKind.Requires)).Distinct()]
            : throw new InvalidDataException("The header of the package is damaged: its dependencies have no version each");
    }

    // not what the package itself or rpm provides; of the many versions of libc's symbols the newest, at the end
    private static List<RpmDependency> Needed(IReadOnlyList<RpmDependency> requires, IReadOnlyList<RpmDependency> provides, IReadOnlyList<RpmPath> files)
    {
        var own = provides.ToHashSet();
        own.UnionWith(files.Where(file => file.IsPrimary).Select(file => new RpmDependency(file.Path)));
        var needed = requires.Where(dependency => !dependency.Name.StartsWith("rpmlib(", StringComparison.Ordinal) && !own.Contains(dependency with { IsPre = false }))
            .ToLookup(dependency => dependency.Name.StartsWith(Libc, StringComparison.Ordinal));
        return [.. needed[false], .. needed[true].OrderByDescending(dependency => LibcVersion(dependency.Name), RpmVersionOrder.Instance).Take(1)];
    }

    // libc.so.6(GLIBC_2.34)(64bit)
    private static string LibcVersion(string name) => name[Libc.Length..].Split(')')[0];

    private static RpmPath[] FilesOf(RpmHeader header)
    {
        var (modes, flags) = (header.Numbers(RpmTag.FileModes), header.Numbers(RpmTag.FileFlags));
        var paths = PathsOf(header);
        return paths.Count == modes.Length && paths.Count == flags.Length
            ? [.. paths.Select((path, at) => new RpmPath(path, (modes[at] & ModeMask) == DirectoryMode ? "dir" : (flags[at] & GhostFlag) != 0 ? "ghost" : null))]
            : throw new InvalidDataException("The header of the package is damaged: its files have no mode each");
    }

    private static IReadOnlyList<string> PathsOf(RpmHeader header)
    {
        var (names, folders, indexes) = (header.Texts(RpmTag.BaseNames), header.Texts(RpmTag.DirectoryNames), header.Numbers(RpmTag.DirectoryIndexes));
        return names.Count == 0 ? header.Texts(RpmTag.OldFileNames)
            : names.Count == indexes.Length && Array.TrueForAll(indexes, at => at < (ulong)folders.Count) ? Join(names, folders, indexes)
            : throw new InvalidDataException("The header of the package is damaged: its files have no folder each");
    }

    // a long folder for each of many names would take memory without bound
    private static string[] Join(IReadOnlyList<string> names, IReadOnlyList<string> folders, ulong[] indexes)
    {
        const long Longest = 24 << 20; // the largest packages of distributions have a quarter of it
        var length = indexes.Sum(at => (long)folders[(int)at].Length);
        return length <= Longest ? [.. names.Select((name, at) => folders[(int)indexes[at]] + name)]
            : throw new InvalidDataException($"The names of the package's files have more than {Longest} characters");
    }

    private static string Required(RpmHeader header, uint tag) =>
        header.Text(tag) is { Length: > 0 } text ? text : throw new InvalidDataException($"The package has no name, version or release (tag {tag})");
}
