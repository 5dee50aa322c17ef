namespace Parceler.Tests.Support;

/// <summary>
/// The apt of one machine: the real programs with lists, caches, settings and an empty dpkg status of their own. Nothing
/// of the system is read or changed.
/// </summary>
internal sealed class AptRoot : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly RealClient _apt;

    /// <param name="credentials">The content of auth.conf; null: they are in the address.</param>
    /// <param name="byHash">Whether indexes are asked for by their digest, which no switch can change under them.</param>
    public AptRoot(Uri repository, string publicKey, string? credentials = null, string suite = "stable main", bool byHash = true)
    {
        _folder.Write("etc/sources.list", $"deb [signed-by={publicKey}] {repository.GetComponents(UriComponents.HttpRequestUrl | UriComponents.UserInfo, UriFormat.UriEscaped)} {suite}\n");
        _folder.Write("etc/auth.conf", credentials ?? "");
        _folder.Write("state/status", "");
        foreach (var name in new[] { "state/lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d", "log", "down" })
        {
            Directory.CreateDirectory(_folder[name]);
        }

        var settings = _folder.Write(
            "apt.conf",
            $$"""
            Dir "{{_folder.Path}}/";
            Dir::Etc "etc";
            Dir::State "state";
            Dir::State::status "{{_folder["state/status"]}}";
            Dir::Cache "cache";
            Dir::Log "log";
            APT::Architecture "amd64";
            APT::Architectures { "amd64"; };
            APT::Sandbox::User "root";
            APT::Update::Error-Mode "any";
            Acquire::Languages "none";
            Acquire::Retries "0";
            Acquire::By-Hash "{{(byHash ? "yes" : "no")}}";
            """
        );
        _apt = new(_folder["down"], ("APT_CONFIG", settings));
    }

    public static async Task<AptRoot> UpdatedAsync(Uri repository, string publicKey)
    {
        var apt = new AptRoot(repository, publicKey);
        (await apt.UpdateAsync()).Succeeded();
        return apt;
    }

    /// <summary>Where apt puts what it downloads.</summary>
    public string Archives => _folder["cache/archives"];

    public Task<ClientRun> UpdateAsync() => _apt.RunAsync("apt-get", "update");

    /// <summary>The version that apt would install.</summary>
    public async Task<string?> CandidateAsync(string package)
    {
        var run = (await _apt.RunAsync("apt-cache", "policy", package)).Succeeded();
        return run.Output.Split('\n').Select(line => line.Trim()).SingleOrDefault(line => line.StartsWith("Candidate: ", StringComparison.Ordinal))?["Candidate: ".Length..];
    }

    /// <summary>What <c>apt-get download</c> got.</summary>
    public async Task<byte[]> DownloadAsync(string package)
    {
        foreach (var old in Directory.GetFiles(_folder["down"]))
        {
            File.Delete(old);
        }

        (await _apt.RunAsync("apt-get", "download", package)).Succeeded();
        return await File.ReadAllBytesAsync(Directory.GetFiles(_folder["down"], "*.deb").Single());
    }

    /// <summary>All packages that it knows of.</summary>
    public async Task<string[]> NamesAsync() => (await _apt.RunAsync("apt-cache", "pkgnames")).Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Installs into a system of its own; returns what dpkg says is installed there.</summary>
    public async Task<string> InstallAsync(params string[] arguments)
    {
        var system = _folder["system"];
        Directory.CreateDirectory(Path.Combine(system, "var/lib/dpkg/updates"));
        Directory.CreateDirectory(Path.Combine(system, "var/lib/dpkg/info"));
        var status = Path.Combine(system, "var/lib/dpkg/status");
        await File.AppendAllTextAsync(status, "");
        string[] options = ["--yes", "-o", $"Dir::State::status={status}", "-o", $"DPkg::Options::=--root={system}", "-o", "DPkg::Options::=--log=/dev/null", "-o", "Debug::NoLocking=1"];
        (await _apt.RunAsync("apt-get", [.. arguments, .. options])).Succeeded();
        return (await _apt.RunAsync("dpkg-query", $"--admindir={system}/var/lib/dpkg", "-W", "-f", "${Package} ${Version} ${db:Status-Status}\n")).Succeeded().Output;
    }

    /// <summary>Downloads a package and what it needs, as an upgrade does, and installs nothing.</summary>
    public Task<ClientRun> FetchAsync(params string[] packages) => _apt.RunAsync("apt-get", ["install", "--yes", "--download-only", .. packages]);

    public void Dispose() => _folder.Dispose();
}
