namespace Parceler.Tests.Support;

/// <summary>A signed apt repository in the folder of an upstream, indexed with Debian's own tools.</summary>
internal sealed class DebianRepository(string folder, DebianPackages packages)
{
    private const string Suite = "dists/stable";
    private const string Index = Suite + "/main/binary-amd64";
    private readonly RealClient _tools = new(folder, ("GNUPGHOME", packages.KeyRing));

    /// <summary>Takes packages in and publishes the index of all that are there. What was there before stays, as in Debian's own pool.</summary>
    public async Task PublishAsync(params string[] added)
    {
        Directory.CreateDirectory(Path.Combine(folder, "pool"));
        Directory.CreateDirectory(Path.Combine(folder, Index, "by-hash/SHA256"));
        foreach (var package in added)
        {
            var fields = (await _tools.RunAsync("dpkg-deb", "--show", "--showformat", "${Package}_${Version}_${Architecture}.deb", package)).Succeeded();
            File.Copy(package, Path.Combine(folder, "pool", fields.Output), overwrite: true);
        }

        await WriteIndexAsync();
        await SignAsync();
    }

    private async Task WriteIndexAsync()
    {
        var packages = Path.Combine(folder, Index, "Packages");
        (await _tools.RunAsync("sh", "-c", $"apt-ftparchive packages pool > {Index}/Packages && xz -k -f {Index}/Packages")).Succeeded();
        foreach (var file in new[] { packages, packages + ".xz" })
        {
            var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(file)));
            File.Copy(file, Path.Combine(folder, Index, "by-hash/SHA256", digest), overwrite: true);
        }
    }

    private async Task SignAsync()
    {
        const string fields = "-o APT::FTPArchive::Release::Suite=stable -o APT::FTPArchive::Release::Codename=stable -o APT::FTPArchive::Release::Components=main "
            + "-o APT::FTPArchive::Release::Architectures=amd64 -o APT::FTPArchive::Release::Acquire-By-Hash=yes "
            + "-o APT::FTPArchive::MD5=false -o APT::FTPArchive::SHA1=false -o APT::FTPArchive::SHA512=false";
        (await _tools.RunAsync("sh", "-c", $"rm -f {Suite}/*Release && apt-ftparchive {fields} release {Suite} > Release.new && mv Release.new {Suite}/Release")).Succeeded();
        (await _tools.RunAsync("gpg", "--batch", "--yes", "--clearsign", "--output", $"{Suite}/InRelease", $"{Suite}/Release")).Succeeded();
    }
}
