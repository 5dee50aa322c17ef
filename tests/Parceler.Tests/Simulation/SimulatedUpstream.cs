using System.Text;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Tests.Simulation;

/// <summary>How a repository is built, and so how its machines read it.</summary>
internal enum Format
{
    Opkg,
    Apk,
    Apt,
    Dnf,
}

/// <summary>
/// An upstream that changes from sync to sync. An index is a text of lines "path digest" of what it names; a signature is the
/// digest of what it signs.
/// </summary>
internal sealed class SimulatedUpstream(Format format, Random random)
{
    public static readonly string[] Feeds = ["base", "extra"];
    private readonly Dictionary<int, (int Version, int Build)> _packages = Enumerable.Range(0, 16).ToDictionary(number => number, _ => (1, 1));
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    public Format Format => format;

    /// <summary>The next state: path and content of each file.</summary>
    public IReadOnlyDictionary<string, string> Next()
    {
        foreach (var number in _packages.Keys.ToList())
        {
            _packages[number] = Change(_packages[number]);
        }

        _files.Clear();
        _files["latest_release"] = "release";
        switch (format)
        {
            case Format.Opkg:
                WriteFeeds("Packages.gz", "ipk", "Packages.sig");
                break;
            case Format.Apk:
                WriteFeeds("packages.adb", "apk", null);
                break;
            case Format.Apt:
                WriteApt();
                break;
            default:
                WriteDnf();
                break;
        }

        return _files;
    }

    public static Digest DigestOf(string content) => Digest.Of(Encoding.UTF8.GetBytes(content));

    private (int Version, int Build) Change((int Version, int Build) package) =>
        random.Next(8) switch
        {
            0 => (package.Version + 1, 1),
            1 when format is not Format.Apt => (package.Version, package.Build + 1), // built anew under the same name
            _ => package,
        };

    private void WriteFeeds(string index, string ending, string? signature)
    {
        foreach (var feed in Feeds)
        {
            var text = WritePackages(feed, ending, number => number % 2 == (feed == "base" ? 0 : 1));
            _files[$"{feed}/{index}"] = text;
            if (signature is not null)
            {
                _files[$"{feed}/{signature}"] = DigestOf(text).ToString();
            }
        }
    }

    private void WriteApt()
    {
        var text = WritePackages("pool", "deb", _ => true);
        var byHash = $"dists/stable/main/by-hash/SHA256/{DigestOf(text)}";
        _files[byHash] = text;
        _files["dists/stable/main/Packages.gz"] = text; // for mirrors without by-hash
        _files["dists/stable/InRelease"] = Line(byHash, text) + Line("dists/stable/main/Packages.gz", text);
    }

    private void WriteDnf()
    {
        var primary = WritePackages("Packages", "rpm", _ => true);
        var names = string.Join(' ', _packages.Where(package => package.Value.Version > 3).Select(package => package.Key)); // changes rarely
        _files[$"repodata/{DigestOf(primary)}-primary.xml.gz"] = primary;
        _files[$"repodata/{DigestOf(names)}-filelists.xml.gz"] = names;
        _files["repodata/repomd.xml"] = Line($"repodata/{DigestOf(primary)}-primary.xml.gz", primary) + Line($"repodata/{DigestOf(names)}-filelists.xml.gz", names);
    }

    private string WritePackages(string folder, string ending, Func<int, bool> has)
    {
        var index = new StringBuilder();
        foreach (var (number, (version, build)) in _packages.Where(package => has(package.Key)))
        {
            var content = $"{folder} {number} {version} {build}";
            _files[$"{folder}/p{number}_{version}.{ending}"] = content;
            index.Append(Line($"{folder}/p{number}_{version}.{ending}", content));
        }

        return index.ToString();
    }

    private static string Line(string path, string content) => $"{path} {DigestOf(content)}\n";
}
