using Parceler.Formats.Opkg;
using Parceler.Formats.Signing;

namespace Parceler.Samples;

/// <summary>A small upstream with the folders of a NethSecurity repository. The same key gives the same bytes.</summary>
internal sealed class SampleFeed(UsignSecretKey key)
{
    private const string Release = "23.05.5";
    private const string Architecture = "x86_64";
    private readonly IpkWriter _ipk = new(new(2024, 9, 25, 0, 0, 0, TimeSpan.Zero));

    public void Write(string folder)
    {
        var feeds = Path.Combine(folder, Release, "packages", Architecture);
        WriteFeed(Path.Combine(feeds, "base"), SamplePackages.Base);
        WriteFeed(Path.Combine(feeds, "nethsecurity"), SamplePackages.NethSecurity);
        Sha256Sums.Write(feeds);
        File.WriteAllText(Path.Combine(folder, "latest_release"), $"{Release}\n");
    }

    private void WriteFeed(string folder, IEnumerable<IpkContent> packages)
    {
        Directory.CreateDirectory(folder);
        foreach (var package in packages)
        {
            File.WriteAllBytes(Path.Combine(folder, package.FileName), _ipk.Write(package));
        }

        new OpkgFeed(folder, Architecture).WriteIndex(key);
    }
}
