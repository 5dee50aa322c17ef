using System.Globalization;
using System.Text;
using Parceler.Feeds;
using Parceler.Formats.Apk;
using Parceler.Formats.Apt;
using Parceler.Formats.Opkg;
using Parceler.Formats.Signing;
using Parceler.Tests.Formats;
using Parceler.Tests.Formats.Apk;
using Parceler.Tests.Support;

namespace Parceler.Tests.Feeds;

/// <summary>Real repositories of each format in a folder, made by the format's own tools where Debian has them, else by the writers of the formats.</summary>
internal sealed class SampleFeeds : IDisposable
{
    public const string OpkgFolder = "23.05/packages/x86_64/base";
    public const string ApkFolder = "25.12/x86_64";
    public const string Apk2Folder = "alpine/x86_64";
    public const string AptRoot = "debian";
    public const string Suite = AptRoot + "/dists/stable";
    public const string RpmFolder = "el9";
    public static readonly UsignSecretKey UsignKey = UsignSecretKey.Generate();
    public static readonly ApkSecretKey ApkKey = ApkSecretKey.Generate();
    private static readonly DateTimeOffset s_modified = DateTimeOffset.Parse("2026-01-01T00:00:00Z", CultureInfo.InvariantCulture);
    private static readonly DateTimeOffset s_signed = s_modified.AddDays(1);
    private static readonly OpenPgpSecretKey s_openPgpKey = OpenPgpSecretKey.Generate("test", s_modified);
    private readonly TempFolder _folder = new();

    public static OpenPgpSecretKey OpenPgpKey => s_openPgpKey;

    /// <summary>The keys that the feeds are signed with.</summary>
    public static TrustedKey[] Keys { get; } =
    [
        KeyOf("feed.pub", UsignKey.PublicKey.ToText()), KeyOf("apk.pem", ApkKey.PublicKey.ToText()), KeyOf("alpine.rsa.pub", ApkSamples.RsaKey), KeyOf("archive.asc", OpenPgpKey.ToPublicText()),
    ];

    public string this[string relative] => _folder[relative];

    public FolderTree Tree => new(_folder.Path);

    public static TrustedKey KeyOf(string label, string text) => TrustedKey.Parse(label, Encoding.UTF8.GetBytes(text));

    /// <summary>A repository of a format with some packages, signed.</summary>
    public static SampleFeeds Of(string format)
    {
        var feeds = new SampleFeeds();
        feeds.Add(format);
        return feeds;
    }

    public void Add(string format)
    {
        switch (format)
        {
            case "opkg":
                AddOpkg(OpkgFolder, ("alpha", "1.0-r1"), ("beta", "2-r1"));
                break;
            case "apk":
                AddApk(ApkFolder, packages: [ApkSamples.Hello, ApkSamples.Empty]);
                break;
            case "apk v2":
                AddApk2(Apk2Folder);
                break;
            case "apt":
                AddDeb("alpha", "1.0-1");
                AddDeb("beta", "2-1");
                WriteAptIndex();
                SignApt();
                break;
            default:
                AddRpm("alpha", "1.0");
                AddRpm("beta", "2");
                WriteRpmIndex();
                SignRpm();
                break;
        }
    }

    /// <summary>The files as they are now.</summary>
    public SampleFeeds Copy()
    {
        var copy = new SampleFeeds();
        Shell($"cp -a . '{copy._folder.Path}'");
        return copy;
    }

    public void AddOpkg(string folder, params (string Name, string Version)[] packages)
    {
        foreach (var (name, version) in packages)
        {
            AddIpk(folder, name, version, "");
        }

        WriteOpkgIndex(folder);
    }

    public void AddIpk(string folder, string name, string version, string content)
    {
        var control = OpkgStanzas.Parse($"Package: {name}\nVersion: {version}\nArchitecture: x86_64\nDescription:  {name}\n").Single();
        var package = new IpkContent(control, [new("usr/share/x", Encoding.UTF8.GetBytes(content))]);
        Write($"{folder}/{package.FileName}", new IpkWriter(s_modified).Write(package));
    }

    public void WriteOpkgIndex(string folder, UsignSecretKey? key = null) => new OpkgFeed(this[folder], "x86_64").WriteIndex(key ?? UsignKey);

    /// <summary>The packages of the samples with an index of them, signed.</summary>
    public void AddApk(string folder, string index = "packages.adb", string? names = null, params byte[][] packages)
    {
        var listed = packages.Select(package => new ApkReader(AdbLimits.Default).Read(new MemoryStream(package))).ToArray();
        foreach (var (package, content) in listed.Zip(packages))
        {
            var path = names is null ? package.FileName : ApkPath.Of(names, package);
            Write($"{folder}/{path}", content);
        }

        Write($"{folder}/{index}", ApkKey.Sign(new ApkIndex("a feed", names, listed).ToFile()).ToBytes());
    }

    public void AddApk2(string folder)
    {
        Write($"{folder}/APKINDEX.tar.gz", ApkSamples.IndexV2);
        var package = new ApkV2Reader(ApkV2Limits.Default).Read(new MemoryStream(ApkSamples.HelloV2));
        Write($"{folder}/{package.FileName}", ApkSamples.HelloV2);
    }

    public void AddDeb(string name, string version, string architecture = "amd64", string content = "", string folder = AptRoot + "/pool")
    {
        var control = DebStanza.Parse($"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: A <a@example.org>\nDescription: {name}\n");
        Write($"{folder}/{name}_{version.Replace(":", "%3a", StringComparison.Ordinal)}_{architecture}.deb", new DebWriter(s_modified).Write(control, [new("usr/share/x", Encoding.UTF8.GetBytes(content))], []));
    }

    /// <summary>Indexes the pool with apt-ftparchive.</summary>
    public void WriteAptIndex(string options = "", string suite = "stable", string date = "")
    {
        const string index = "main/binary-amd64/Packages";
        var fields = $"-o APT::FTPArchive::Release::Suite={suite} -o APT::FTPArchive::Release::Codename={suite} {options}";
        Shell($"cd '{this[AptRoot]}' && mkdir -p dists/{suite}/main/binary-amd64 && apt-ftparchive packages pool > dists/{suite}/{index} && xz -k -f dists/{suite}/{index} && gzip -nkf dists/{suite}/{index}");
        Shell($"cd '{this[AptRoot]}/dists/{suite}' && rm -f InRelease Release Release.gpg && apt-ftparchive {fields} release . > ../Release.new && mv ../Release.new Release");
        if (date.Length > 0)
        {
            Shell($"sed -i 's/^Date: .*/Date: {date}/' '{this[AptRoot]}/dists/{suite}/Release'");
        }
    }

    /// <summary>Indexes a folder as a flat suite: what it names is relative to the root.</summary>
    public void WriteFlatIndex(string root, string folder)
    {
        folder = folder.TrimEnd('/');
        Shell($"cd '{root}' && apt-ftparchive packages {folder} > Packages.new && mv Packages.new {folder}/Packages && cd {folder} && gzip -nkf Packages");
        Shell($"cd '{root}/{folder}' && rm -f InRelease Release Release.gpg && content=$(apt-ftparchive release .) && echo \"$content\" > Release");
        SignRelease($"{root}/{folder}".TrimEnd('/'));
    }

    public void AddRpm(string name, string version, string content = "")
    {
        var spec = _folder.Write(
            $"{name}.spec",
            $"Name: {name}\nVersion: {version}\nRelease: 1\nSummary: x\nLicense: MIT\nBuildArch: noarch\n%description\nx\n%install\nmkdir -p %{{buildroot}}/etc; echo '{content}' > %{{buildroot}}/etc/{name}\n%files\n/etc/{name}\n");
        using var top = new TempFolder();
        Run("rpmbuild", "-bb", "--quiet", "--define", $"_topdir {top.Path}", "--define", $"_rpmdir {this[RpmFolder]}", spec);
        File.Delete(spec);
    }

    public void WriteRpmIndex(string revision = "7", string options = "")
    {
        Shell($"rm -rf '{this[RpmFolder]}/repodata' && createrepo_c --quiet --no-database --revision {revision} {options} '{this[RpmFolder]}'");
    }

    public void SignApt(OpenPgpSecretKey? key = null, string suite = "stable") => SignRelease($"{AptRoot}/dists/{suite}", key);

    public void SignRelease(string folder, OpenPgpSecretKey? key = null)
    {
        var release = File.ReadAllText(this[$"{folder}/Release"]);
        Write($"{folder}/InRelease", (key ?? OpenPgpKey).SignClear(release, s_signed));
        Write($"{folder}/Release.gpg", (key ?? OpenPgpKey).Sign(new MemoryStream(Encoding.UTF8.GetBytes(release)), s_signed));
    }

    public void SignRpm(OpenPgpSecretKey? key = null) =>
        Write($"{RpmFolder}/repodata/repomd.xml.asc", (key ?? OpenPgpKey).Sign(new MemoryStream(File.ReadAllBytes(this[$"{RpmFolder}/repodata/repomd.xml"])), s_signed));

    public void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[path])!);
        File.WriteAllBytes(this[path], content);
    }

    public void Write(string path, string content) => Write(path, Encoding.UTF8.GetBytes(content));

    public void Change(string path, string from, string to)
    {
        var before = File.ReadAllText(this[path]);
        before.Should().Contain(from);
        File.WriteAllText(this[path], before.Replace(from, to, StringComparison.Ordinal));
    }

    /// <summary>Runs in the folder of all of them.</summary>
    public void Shell(string command) => Run("sh", "-c", $"cd '{_folder.Path}' && {command}");

    public void Dispose() => _folder.Dispose();

    private static void Run(string program, params string[] arguments)
    {
        var run = RealProgram.Run(program, arguments);
        run.ExitCode.Should().Be(0, run.Output);
    }
}
