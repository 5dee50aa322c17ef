namespace Parceler.Tests.Support;

/// <summary>
/// Two small packages of Debian itself, a newer version of one of them, and the key of a repository of them: made once
/// for all tests of a class.
/// </summary>
public sealed class DebianPackages : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly RealClient _tools;

    public DebianPackages()
    {
        Directory.CreateDirectory(KeyRing);
        File.SetUnixFileMode(KeyRing, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _tools = new(_folder.Path, ("GNUPGHOME", KeyRing));
    }

    /// <summary>The package that gets a newer version.</summary>
    public string Netbase { get; private set; } = "";
    public string NewerNetbase => _folder["newer-netbase.deb"];

    /// <summary>The package that stays as it is.</summary>
    public string SensibleUtils { get; private set; } = "";

    public string Version { get; private set; } = "";
    public string NewerVersion => Version + "+parceler1";

    /// <summary>The GNUPGHOME with the secret key.</summary>
    public string KeyRing => _folder["gnupg"];

    /// <summary>The public key, as <c>signed-by</c> wants it.</summary>
    public string PublicKey => _folder["archive.asc"];

    public async ValueTask InitializeAsync()
    {
        Netbase = await DownloadAsync("netbase");
        SensibleUtils = await DownloadAsync("sensible-utils");
        Version = (await _tools.RunAsync("dpkg-deb", "-f", Netbase, "Version")).Succeeded().Output.Trim();
        await RepackAsync();
        (await _tools.RunAsync("gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key", "Parceler test archive", "rsa3072", "sign", "2d")).Succeeded();
        (await _tools.RunAsync("gpg", "--batch", "--armor", "--output", PublicKey, "--export")).Succeeded();
    }

    public async ValueTask DisposeAsync()
    {
        await _tools.RunAsync("gpgconf", "--kill", "all"); // the agent that gpg started
        _folder.Dispose();
    }

    private async Task<string> DownloadAsync(string package)
    {
        var run = await _tools.RunAsync("apt-get", "download", package);
        if (run.ExitCode != 0)
        {
            (await _tools.RunAsync("apt-get", "update")).Succeeded();
            (await _tools.RunAsync("apt-get", "download", package)).Succeeded();
        }

        return Directory.GetFiles(_folder.Path, $"{package}_*.deb").Single();
    }

    private async Task RepackAsync()
    {
        var tree = _folder["netbase"];
        (await _tools.RunAsync("dpkg-deb", "-R", Netbase, tree)).Succeeded();
        var control = Path.Combine(tree, "DEBIAN/control");
        await File.WriteAllTextAsync(control, (await File.ReadAllTextAsync(control)).Replace($"Version: {Version}\n", $"Version: {NewerVersion}\n", StringComparison.Ordinal));
        (await _tools.RunAsync("dpkg-deb", "--root-owner-group", "-b", tree, NewerNetbase)).Succeeded();
    }
}
