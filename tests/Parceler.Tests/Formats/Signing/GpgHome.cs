using Parceler.Tests.Support;

namespace Parceler.Tests.Formats.Signing;

/// <summary>The real gpg with keys of one test's own.</summary>
internal sealed class GpgHome : IDisposable
{
    private readonly TempFolder _folder = new();

    public GpgHome()
    {
        Directory.CreateDirectory(_folder["home"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string this[string relative] => _folder[relative];

    public string Write(string relative, string content) => _folder.Write(relative, content);

    /// <summary>Runs gpg without questions, which has to succeed; returns what it wrote to the file that --output names.</summary>
    public byte[] Run(params string[] arguments)
    {
        var output = _folder[Path.GetRandomFileName()];
        var (exitCode, text) = TryRun(["--output", output, .. arguments]);
        exitCode.Should().Be(0, text);
        return File.Exists(output) ? File.ReadAllBytes(output) : [];
    }

    public (int ExitCode, string Output) TryRun(params string[] arguments) => RealProgram.Run(
        "gpg", ["--homedir", _folder["home"], "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "", .. arguments]);

    /// <summary>Makes a key; of any kind that gpg knows, for instance rsa3072 or ed25519.</summary>
    public void Generate(string name, string kind, string usage = "sign", string expire = "never", params string[] options) =>
        Run([.. options, "--quick-generate-key", name, kind, usage, expire]);

    /// <summary>The fingerprints of a key and its subkeys, in lower case.</summary>
    public string[] Fingerprints(string name) =>
        [.. TryRun("--with-colons", "--list-keys", name).Output.Split('\n').Where(line => line.StartsWith("fpr:", StringComparison.Ordinal)).Select(line => line.Split(':')[9].ToLowerInvariant())];

    public void Dispose()
    {
        RealProgram.Run("gpgconf", "--homedir", _folder["home"], "--kill", "all"); // the agent that gpg started
        _folder.Dispose();
    }
}
