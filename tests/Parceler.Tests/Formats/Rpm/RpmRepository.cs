using Parceler.Formats.Rpm;
using Parceler.Tests.Support;

namespace Parceler.Tests.Formats.Rpm;

/// <summary>Packages of rpmbuild with an index of createrepo_c, made once for all tests of a class.</summary>
public sealed class RpmRepository : IDisposable
{
    private const string Hello = """
        Name: hello
        Epoch: 2
        Version: 1.0~rc1
        Release: 1.fc38
        Summary: Says hello & <more>
        License: MIT
        URL: https://example.org/?a=1&b=2
        Vendor: "Quoted" Vendor
        Packager: A <a@example.org>
        Group: Applications/Text
        BuildArch: noarch
        Provides: greeting = 2:1.0, odd(a"b)
        Requires: bash >= 4, libx(x86-64), (foo or bar), /usr/bin/hello
        Requires: libc.so.6(GLIBC_2.4)(64bit), libc.so.6(GLIBC_2.34)(64bit), libc.so.6()(64bit)
        Requires(post): /bin/sh
        Conflicts: old-hello < 1
        Obsoletes: older-hello <= 0.5-2
        Recommends: nice
        Suggests: nicer
        Supplements: langpacks
        Enhances: desk
        %description
        A description
          of two lines é, with "quotes" and 'apostrophes' & more.
        %install
        mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/share/hello %{buildroot}/etc
        echo hi > %{buildroot}/usr/bin/hello
        echo x > %{buildroot}/usr/share/hello/data
        echo c > %{buildroot}/etc/hello.conf
        %files
        /usr/bin/hello
        %dir /usr/share/hello
        /usr/share/hello/data
        %config /etc/hello.conf
        %ghost /var/log/hello.log

        """;

    private const string Plain = "Name: plain\nVersion: 3\nRelease: 2\nSummary: plain\nLicense: GPL\nBuildArch: noarch\n%description\nplain\n%files\n";
    private readonly TempFolder _folder = new();

    public RpmRepository()
    {
        Build("hello", Hello, "-bb");
        Build("plain", Plain, "-ba");
        Run("createrepo_c", "--quiet", "--no-database", "--revision", "7", this["repository"]);
    }

    public string this[string relative] => _folder[relative];

    public string HelloRpm => this["repository/noarch/hello-1.0~rc1-1.fc38.noarch.rpm"];

    public string SourceRpm => this["repository/plain-3-2.src.rpm"];

    internal RepoMd RepoMd => Parceler.Formats.Rpm.RepoMd.Read(new MemoryStream(File.ReadAllBytes(this["repository/repodata/repomd.xml"])), RpmLimits.Default);

    /// <summary>An index, packed as it stands.</summary>
    public byte[] Index(string type) => File.ReadAllBytes(this[$"repository/{RepoMd[type]!.Location}"]);

    public void Dispose() => _folder.Dispose();

    private void Build(string name, string spec, string what) => Run(
        "rpmbuild", what, "--quiet", "--define", $"_topdir {this["top"]}", "--define", $"_rpmdir {this["repository"]}", "--define", $"_srcrpmdir {this["repository"]}", _folder.Write($"{name}.spec", spec));

    private static void Run(string program, params string[] arguments)
    {
        var run = RealProgram.Run(program, arguments);
        run.ExitCode.Should().Be(0, run.Output);
    }
}
