using Parceler.Tests.Support;

namespace Parceler.Tests.Delivery;

/// <summary>A service with one repository of all kinds of files, for the tests of one class that only read.</summary>
public sealed class DeliveredRepository : IAsyncLifetime
{
    /// <summary>What hello.txt, a package for this purpose, holds.</summary>
    public const string Digits = "0123456789";

    private static readonly string[] s_others =
    [
        "Packages", "Packages.gz", "Packages.sig", "packages.adb", "InRelease", "index.json", "sha256sums", "latest_release", "repodata/repomd.xml", "repodata/repomd.xml.asc",
        "x.ipk", "x.apk", "x.deb", "x.rpm", "x.xz", "x.zst", "x.html", "x.svg", "x.js", "x.unknown", "noending", "sub/x.manifest", "caf\u00e9.ipk", "a b.ipk",
    ];

    internal TestParceler Parceler { get; private set; } = null!;

    /// <summary>20 MB that no one can guess.</summary>
    internal byte[] Image { get; } = new byte[20 << 20];

    public async ValueTask InitializeAsync()
    {
        Parceler = await TestParceler.StartAsync();
        Parceler.WriteUpstream("netsec", "hello.txt", Digits);
        Parceler.WriteUpstream("netsec", "a+b_1~2.ipk", "plus");
        Parceler.WriteUpstream("netsec", "nothing.txt", "");
        foreach (var path in s_others)
        {
            Parceler.WriteUpstream("netsec", path, path);
        }

        new Random(7).NextBytes(Image);
        await File.WriteAllBytesAsync(Path.Combine(Parceler.UpstreamOf("netsec"), "image.bin"), Image, TestContext.Current.CancellationToken);
        await Parceler.CreateAsync("netsec");
        await Parceler.CreateAsync("unsynced", sync: false);
    }

    public ValueTask DisposeAsync() => Parceler.DisposeAsync();

    /// <summary>Asks for a path of the repository as the entitled machine.</summary>
    internal Task<RawAnswer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync("GET", $"/repository/enterprise/netsec/{path}", headers);

    internal Task<RawAnswer> HeadAsync(string path, params (string Name, string Value)[] headers) => SendAsync("HEAD", $"/repository/enterprise/netsec/{path}", headers);

    /// <summary>Sends any target as the entitled machine.</summary>
    internal Task<RawAnswer> SendAsync(string method, string target, params (string Name, string Value)[] headers) =>
        RawRequest.SendAsync(Parceler.Address, method, target, [("Authorization", RawRequest.Basic(TestParceler.Machine, TestParceler.Secret)), .. headers]);
}
