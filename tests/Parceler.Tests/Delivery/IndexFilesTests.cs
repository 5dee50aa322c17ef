using Parceler.Delivery;

namespace Parceler.Tests.Delivery;

public sealed class IndexFilesTests
{
    [Theory]
    [InlineData("packages/x86_64/base/Packages", "HeadIndex")]
    [InlineData("packages/x86_64/base/Packages.gz", "HeadIndex")]
    [InlineData("packages/x86_64/base/Packages.sig", "Index")]
    [InlineData("packages/x86_64/base/Packages.manifest", "Index")]
    [InlineData("packages/x86_64/base/packages.adb", "HeadIndex")]
    [InlineData("packages/x86_64/base/index.json", "Index")]
    [InlineData("packages/x86_64/sha256sums", "Index")]
    [InlineData("packages/x86_64/sha256sums.sig", "Index")]
    [InlineData("v3.20/main/x86_64/APKINDEX.tar.gz", "HeadIndex")]
    [InlineData("dists/stable/InRelease", "HeadIndex")]
    [InlineData("dists/stable/Release", "HeadIndex")]
    [InlineData("dists/stable/Release.gpg", "Index")]
    [InlineData("dists/stable/main/binary-amd64/Packages.xz", "Index")]
    [InlineData("dists/stable/main/binary-amd64/by-hash/SHA256/0a1b", "HashedIndex")]
    [InlineData("dists/stable/main/binary-amd64/by-hash/SHA256/Packages.gz", "HashedIndex")]
    [InlineData("repodata/repomd.xml", "HeadIndex")]
    [InlineData("os/repodata/repomd.xml", "HeadIndex")]
    [InlineData("repodata/repomd.xml.asc", "Index")]
    [InlineData("repodata/primary.xml.gz", "Index")]
    [InlineData("repodata/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855-primary.xml.gz", "HashedIndex")]
    [InlineData("repodata/e3b0-primary.xml.gz", "Index")]
    [InlineData("repodata", "Package")]
    [InlineData("by-hash", "Package")]
    [InlineData("latest_release", "LatestRelease")]
    [InlineData("23.05/latest_release", "LatestRelease")]
    [InlineData("packages/hello_1.0_x86_64.ipk", "Package")]
    [InlineData("pool/main/h/hello/hello_1.0_amd64.deb", "Package")]
    [InlineData("packages.apk", "Package")]
    [InlineData("myPackages", "Package")]
    public void A_path_is_what_its_name_says(string path, string kind) => IndexFiles.KindOf(path).ToString().Should().Be(kind);
}
