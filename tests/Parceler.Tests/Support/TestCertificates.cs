namespace Parceler.Tests.Support;

/// <summary>
/// Certificates that the real openssl makes: a root that clients trust, and server certificates of an intermediate
/// authority, so that a client is content only when it is sent the chain.
/// </summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly RealClient _openssl;

    public TestCertificates() => _openssl = new(_folder.Path);

    public string this[string name] => _folder[name];

    /// <summary>What clients trust.</summary>
    public string Root => this["root.crt"];

    /// <summary>The certificate with its chain, as it is configured.</summary>
    public string Certificate => this["served.pem"];

    public string Key => this["served.key"];

    public static async Task<TestCertificates> CreateAsync()
    {
        var made = new TestCertificates();
        await made.OpensslAsync("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.crt -days 30 -subj /CN=root -addext basicConstraints=critical,CA:TRUE");
        await made.SignAsync("middle", "root", "basicConstraints=critical,CA:TRUE", days: 20);
        return made;
    }

    /// <summary>A certificate of 127.0.0.1 as NAME.pem, with its chain, and NAME.key.</summary>
    public async Task MakeAsync(string name, int days = 10, string use = "serverAuth")
    {
        await SignAsync(name, "middle", $"subjectAltName=IP:127.0.0.1\nextendedKeyUsage={use}", days);
        await File.WriteAllTextAsync(this[$"{name}.pem"], await File.ReadAllTextAsync(this[$"{name}.crt"]) + await File.ReadAllTextAsync(this["middle.crt"]));
    }

    /// <summary>Puts a pair where the service looks for it, each file in one step.</summary>
    public void Serve(string name)
    {
        Put($"{name}.pem", Certificate);
        Put($"{name}.key", Key);
    }

    public void Put(string name, string path)
    {
        File.Copy(this[name], path + ".new", overwrite: true);
        File.Move(path + ".new", path, overwrite: true);
    }

    public async Task OpensslAsync(string arguments) => (await _openssl.RunAsync("openssl", arguments.Split(' '))).Succeeded();

    public void Dispose() => _folder.Dispose();

    private async Task SignAsync(string name, string by, string extensions, int days)
    {
        _folder.Write($"{name}.ext", extensions + "\n");
        await OpensslAsync($"req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}");
        await OpensslAsync($"x509 -req -in {name}.csr -CA {by}.crt -CAkey {by}.key -CAcreateserial -days {days} -extfile {name}.ext -out {name}.crt");
    }
}
