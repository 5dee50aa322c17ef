using Parceler.Formats.Opkg;
using Parceler.Formats.Signing;

namespace Parceler.Tests.Support;

/// <summary>
/// An upstream with two states, a and b, of the same paths: opkg feeds, an apt repository and an rpm one, all signed. Its
/// packages have other versions, and one of each kind was rebuilt under its old name: whoever mixes the states notices.
/// </summary>
internal sealed class TwoStates : IDisposable
{
    public const string Architecture = "x86_64";
    public static readonly string[] Feeds = ["base", "extra"];
    private readonly TempFolder _folder = new();
    private readonly UsignSecretKey _key = UsignSecretKey.Generate();

    private TwoStates() { }

    /// <summary>The folder that a sync copies: one of the two states.</summary>
    public string Current => _folder["current"];

    /// <summary>Of the opkg feeds, as signify reads it.</summary>
    public string FeedKey => _folder["feed.pub"];

    public static async Task<TwoStates> MakeAsync(DebianPackages debian)
    {
        var states = new TwoStates();
        states._folder.Write("feed.pub", states._key.PublicKey.ToText());
        foreach (var (state, netbase) in new[] { ("a", debian.Netbase), ("b", debian.NewerNetbase) })
        {
            Feeds.ToList().ForEach(feed => states.WriteFeed(state, feed));
            Directory.CreateDirectory(states._folder[$"{state}/apt"]);
            await new DebianRepository(states._folder[$"{state}/apt"], debian).PublishAsync(netbase, debian.SensibleUtils);
            await states.WriteRpmsAsync(state, debian);
        }

        states.Show("a");
        return states;
    }

    /// <summary>From now on syncs copy this state. Not while one runs.</summary>
    public void Show(string state)
    {
        if (Directory.Exists(Current))
        {
            Directory.Delete(Current); // the link alone
        }

        File.CreateSymbolicLink(Current, _folder[state]);
    }

    public void Dispose() => _folder.Dispose();

    private void WriteFeed(string state, string feed)
    {
        var folder = _folder[$"{state}/opkg/{feed}"];
        Directory.CreateDirectory(folder);
        foreach (var (name, version) in new[] { ($"{feed}-hello", $"1-{state}"), ($"{feed}-rebuilt", "1") })
        {
            var control = OpkgStanzas.Parse($"Package: {name}\nVersion: {version}\nArchitecture: {Architecture}\nDescription:  Of state {state}\n").Single();
            File.WriteAllBytes(Path.Combine(folder, $"{name}_{version}_{Architecture}.ipk"), new IpkWriter(DateTimeOffset.UnixEpoch).Write(new(control, [new("usr/bin/x", [(byte)state[0]])])));
        }

        new OpkgFeed(folder, Architecture).WriteIndex(_key);
    }

    private async Task WriteRpmsAsync(string state, DebianPackages debian)
    {
        var folder = _folder[$"{state}/rpm"];
        Directory.CreateDirectory(folder);
        var tools = new RealClient(folder, ("GNUPGHOME", debian.KeyRing));
        foreach (var (name, version) in new[] { ("hello", state == "a" ? "1" : "2"), ("rebuilt", "1") })
        {
            var spec = _folder.Write($"{state}-{name}.spec", $"Name: {name}\nVersion: {version}\nRelease: 1\nSummary: x\nLicense: MIT\nBuildArch: noarch\nAutoReqProv: no\n%description\nOf state {state}\n%install\nmkdir -p %{{buildroot}}/opt\necho {state} > %{{buildroot}}/opt/{name}\n%files\n/opt/{name}\n");
            (await tools.RunAsync("rpmbuild", "-bb", "--quiet", "--define", $"_topdir {_folder[$"{state}-top"]}", "--define", $"_rpmdir {folder}", spec)).Succeeded();
        }

        (await tools.RunAsync("createrepo_c", "--quiet", "--no-database", "--simple-md-filenames", ".")).Succeeded();
        (await tools.RunAsync("gpg", "--batch", "--yes", "--armor", "--detach-sign", "repodata/repomd.xml")).Succeeded();
    }
}
