using System.Globalization;
using Parceler.Formats.Rpm;

namespace Parceler.Feeds;

/// <summary>Reads a repository of rpm: repomd.xml, primary.xml, and from updateinfo.xml which packages fix security holes.</summary>
internal static class RpmFeedReader
{
    private const string Primary = "primary";
    private const string UpdateInfo = "updateinfo";
    private static readonly DateTimeOffset s_firstRevision = DateTimeOffset.FromUnixTimeSeconds(1_000_000_000);
    private static readonly DateTimeOffset s_lastRevision = DateTimeOffset.FromUnixTimeSeconds(uint.MaxValue);

    public static FeedHead ReadHead(FeedFiles files, FoundFeed found)
    {
        var repomd = RepoMd.Read(new MemoryStream(files.ReadWhole(found.Head)), RpmLimits.Default);
        var signature = $"{found.Head}.asc";
        return new(found, files.Has(signature) ? [signature] : [], TimeOf(repomd.Revision), null, [.. repomd.Entries.Select(entry => IndexOf(found, entry))]);
    }

    public static Feed Read(FeedFiles files, FeedHead head)
    {
        var index = head.Indexes.FirstOrDefault(index => index.Type == Primary) ?? throw new InvalidDataException("its repomd.xml names no primary");
        var fixes = head.Indexes.FirstOrDefault(index => index.Type == UpdateInfo) is { } updates && files.Has(updates.Path) ? ReadFixes(files, updates) : new();
        var packages = new FeedPackages(head.Found.Root, files.Limits);
        var elsewhere = 0;
        using var content = OpenChecked(files, index);
        foreach (var package in new PrimaryReader(RpmLimits.Default with { Index = files.Limits.Index }).Read(content))
        {
            files.Cancellation.ThrowIfCancellationRequested();
            if (package.LocationBase is null)
            {
                packages.Add(package.Name, package.Evr.ToString(), package.Architecture, package.Location, package.PackageSize, HashOf(package.ChecksumType, package.Checksum), fixes.Of(package));
            }
            else
            {
                elsewhere++;
            }
        }

        return new(head, packages.List, elsewhere > 0 ? [$"{elsewhere} packages are at other addresses: machines fetch them from there, not from Parceler"] : []);
    }

    // createrepo_c writes the time; others any text
    private static DateTimeOffset? TimeOf(string? revision) =>
        long.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds >= s_firstRevision.ToUnixTimeSeconds() && seconds <= s_lastRevision.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static FeedIndex IndexOf(FoundFeed found, RepoMdEntry entry) => entry.LocationBase is null
        ? new(entry.Type, FeedPath.Below(found.Root, entry.Location), entry.Size, HashOf(entry.ChecksumType, entry.Checksum), null, IsNeeded(entry.Type))
        : throw new InvalidDataException($"its {FeedPath.Shown(entry.Type)} is at another address");

    // dnf takes neither the databases nor the change logs on its own
    private static bool IsNeeded(string type) => type != "other" && !type.EndsWith("_db", StringComparison.Ordinal) && !type.EndsWith("_zck", StringComparison.Ordinal);

    private static FeedHash HashOf(string type, string sum) => FeedHash.Parse(
        type switch
        {
            "sha256" => FeedHashKind.Sha256,
            "sha512" => FeedHashKind.Sha512,
            "sha1" or "sha" => FeedHashKind.Sha1,
            "md5" => FeedHashKind.Md5,
            _ => throw new InvalidDataException($"it names files by '{FeedPath.Shown(type)}', which is no hash that is known"),
        },
        sum);

    private static Stream OpenChecked(FeedFiles files, FeedIndex index)
    {
        var file = files.Find(index.Path) ?? throw new FeedFaultException($"its index '{index.Path}' is missing");
        return (index.Size is null || index.Size == file.Size) && index.Hash.Fits(file.Digest) != false
            ? files.OpenIndex(index.Path)
            : throw new FeedFaultException($"'{index.Path}' is not the index that its repomd.xml names: size or hash differ");
    }

    private static RpmFixes ReadFixes(FeedFiles files, FeedIndex index)
    {
        var fixes = new RpmFixes();
        using var content = OpenChecked(files, index);
        foreach (var advisory in new UpdateInfoReader(RpmLimits.Default with { Index = files.Limits.Index }).Read(content).Where(advisory => advisory.IsSecurity))
        {
            fixes.Add(advisory, files.Limits.Packages);
        }

        return fixes;
    }
}

/// <summary>Which versions of packages fix security holes.</summary>
internal sealed class RpmFixes
{
    private readonly Dictionary<(string Name, string Architecture), List<RpmEvr>> _versions = [];
    private int _count;
    private bool _isSorted;

    public void Add(RpmAdvisory advisory, int limit)
    {
        foreach (var package in advisory.Packages)
        {
            if (++_count > limit)
            {
                throw new InvalidDataException($"its advisories name more than {limit} packages");
            }

            if (!_versions.TryGetValue((package.Name, package.Architecture), out var versions))
            {
                _versions.Add((package.Name, package.Architecture), versions = []);
            }

            versions.Add(package.Evr);
            _isSorted = false;
        }
    }

    /// <summary>The newest up to the package's own version, or null.</summary>
    public string? Of(RpmPackage package)
    {
        Sort();
        var versions = _versions.GetValueOrDefault((package.Name, package.Architecture)) ?? [];
        var (from, to) = (0, versions.Count);
        while (from < to)
        {
            var middle = (from + to) / 2;
            (from, to) = RpmVersionOrder.Instance.Compare(versions[middle], package.Evr) <= 0 ? (middle + 1, to) : (from, middle);
        }

        return from > 0 ? versions[from - 1].ToString() : null;
    }

    // upstream may name one package in as many advisories as there are packages of its name: looking through all of them for each would take for ever
    private void Sort()
    {
        if (!_isSorted)
        {
            foreach (var versions in _versions.Values)
            {
                versions.Sort(RpmVersionOrder.Instance);
            }

            _isSorted = true;
        }
    }
}
