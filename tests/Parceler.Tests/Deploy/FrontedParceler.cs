using System.Globalization;
using Parceler.Tests.Support;

namespace Parceler.Tests.Deploy;

/// <summary>Two web nodes behind a real nginx with <c>deploy/nginx/parceler.conf</c>, in which nothing but ports and paths is changed.</summary>
public sealed class FrontedParceler : IAsyncLifetime
{
    internal const int Large = 1 << 20;
    internal const int Huge = 24 << 20;
    private readonly TempFolder _folder = new();
    private bool _runs;
    private bool _otherRuns;

    internal TestParceler Parceler { get; private set; } = null!;
    internal TestParceler Other { get; private set; } = null!;
    internal Nginx Nginx { get; private set; } = null!;
    internal TestCertificates Certificates { get; private set; } = null!;
    internal Uri Plain { get; } = new($"http://127.0.0.1:{FreePort.Find()}/");

    /// <summary>All that nginx wrote down.</summary>
    internal string Logs => File.ReadAllText(_folder["access.log"]) + File.ReadAllText(_folder["error.log"]);

    public async ValueTask InitializeAsync()
    {
        var settings = new Dictionary<string, string?> { ["DELIVERY_OFFLOAD"] = "x-accel", ["TRUSTED_PROXIES"] = "127.0.0.1", ["DELIVERY_LOG"] = "on" };
        Parceler = await TestParceler.StartAsync(settings);
        foreach (var (path, size) in new[] { ("large+1~2.ipk", Large), ("small+1~2.ipk", 2000), ("Packages.gz", Large), ("huge.ipk", Huge), ("by-hash/SHA256/00", Huge) })
        {
            Parceler.WriteUpstream("netsec", path, "");
            await File.WriteAllBytesAsync(Path.Combine(Parceler.UpstreamOf("netsec"), path), ContentOf(size));
        }

        await Parceler.CreateAsync("netsec");
        Other = await Parceler.StartAnotherAsync();
        (_runs, _otherRuns) = (true, true);
        Certificates = await TestCertificates.CreateAsync();
        await Certificates.MakeAsync("nginx");
        var address = new Uri($"https://127.0.0.1:{FreePort.Find()}/");
        Nginx = await Nginx.StartAsync(_folder, address, Configure(address));
    }

    public async ValueTask DisposeAsync()
    {
        await Nginx.DisposeAsync();
        await StopAsync();
        Certificates.Dispose();
    }

    internal async Task StopOtherAsync()
    {
        if (_otherRuns)
        {
            _otherRuns = false;
            await Other.DisposeAsync();
        }
    }

    /// <summary>Ends both nodes.</summary>
    internal async Task StopAsync()
    {
        await StopOtherAsync();
        if (_runs)
        {
            _runs = false;
            await Parceler.DisposeAsync();
        }
    }

    internal static byte[] ContentOf(int size)
    {
        var content = new byte[size];
        new Random(3).NextBytes(content);
        return content;
    }

    private string Configure(Uri address)
    {
        var site = Replace(
            File.ReadAllText(CloneFolder.File("deploy/nginx/parceler.conf")),
            ("listen [::]:80;", ""),
            ("listen [::]:443 ssl http2;", ""),
            ("listen 80;", $"listen {Plain.Authority};"),
            ("listen 443 ssl http2;", $"listen {address.Authority} ssl http2;"),
            ("/etc/parceler/tls/fullchain.pem", Certificates["nginx.pem"]),
            ("/etc/parceler/tls/privkey.pem", Certificates["nginx.key"]),
            ("/etc/nginx/parceler-nodes.conf", _folder["nodes.conf"]),
            ("/var/log/nginx/parceler.log", _folder["access.log"]),
            ("/var/log/nginx/parceler-error.log", _folder["error.log"]),
            ("/var/lib/parceler/storage/blobs/", $"{Parceler.StorageFolder}/blobs/")
        );
        var nodes = File.ReadAllText(CloneFolder.File("deploy/nginx/parceler-nodes.conf"));
        _folder.Write("nodes.conf", Replace(nodes, ("127.0.0.1:8080", Parceler.Address.Authority), ("# server 127.0.0.1:8082", $"server {Other.Address.Authority}")));
        _folder.Write("site.conf", site);
        return Main();
    }

    private static string Replace(string text, params (string What, string By)[] changes)
    {
        foreach (var (what, by) in changes)
        {
            text.Should().Contain(what, "the file has it in one place");
            text = text.Replace(what, by, StringComparison.Ordinal);
        }

        return text;
    }

    // What Debian's nginx.conf says, as far as it matters to what it includes.
    private string Main() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            daemon off;
            pid {{_folder["pid"]}};
            user {{Environment.UserName}};
            worker_processes 2;
            events { worker_connections 256; }
            http {
              sendfile on;
              tcp_nopush on;
              types_hash_max_size 2048;
              include /etc/nginx/mime.types;
              default_type application/octet-stream;
              access_log off;
              gzip on;
              gzip_types application/octet-stream text/plain application/gzip;
              client_body_temp_path {{_folder["body"]}};
              proxy_temp_path {{_folder["proxy"]}};
              fastcgi_temp_path {{_folder["fastcgi"]}};
              uwsgi_temp_path {{_folder["uwsgi"]}};
              scgi_temp_path {{_folder["scgi"]}};
              include {{_folder["site.conf"]}};
            }
            """
        );
}
