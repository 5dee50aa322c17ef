using System.Text;
using Parceler.Formats.Archives;
using Parceler.Formats.Opkg;

namespace Parceler.Samples;

/// <summary>What is in the sample feeds: versions with '~', '+' and an epoch, a library with an ABI version, both architectures.</summary>
internal static class SamplePackages
{
    public static readonly IpkContent[] Base =
    [
        Of("""
            Package: libparceler-greet1
            Version: 1.2.3-r1
            Depends: libc
            ABIVersion: 1
            License: GPL-3.0-or-later
            Section: libs
            Architecture: x86_64
            Description:  The greetings of the sample packages
            """,
            new PackagedFile("usr/share/parceler/greet.sh", Text("greet() { echo \"Hello, $1\"; }\n"))),
        Of("""
            Package: parceler-clock
            Version: 0.9~rc2-r1
            Depends: libc
            License: GPL-3.0-or-later
            Section: utils
            Architecture: all
            Description:  Tells the time
             A release candidate: it sorts before 0.9.
            """,
            Script("parceler-clock", "date +%H:%M")),
        Of("""
            Package: parceler-hello
            Version: 1.0.0-r1
            Depends: libc, libparceler-greet1 (>= 1.2)
            Source: feeds/base/parceler-hello
            SourceName: parceler-hello
            License: GPL-3.0-or-later
            Section: utils
            Maintainer: The Parceler samples <samples@example.org>
            Architecture: x86_64
            Description:  Greets whom its configuration names
            """,
            Script("parceler-hello", ". /usr/share/parceler/greet.sh", "greet \"$(uci -q get parceler.hello.name || echo world)\""),
            new PackagedFile("etc/config/parceler", Text("config hello 'hello'\n\toption name 'world'\n"))) with
        {
            Scripts =
            [
                new("conffiles", Text("/etc/config/parceler\n")),
                new("postinst", Text("#!/bin/sh\nexit 0\n"), PackagedFile.Executable),
            ],
        },
        Of("""
            Package: parceler-lamp
            Version: 2.1+git3-r4
            Depends: libc
            License: GPL-3.0-or-later
            Section: utils
            Architecture: x86_64
            Description:  Turns a lamp on and off
             Its file name has a plus, which clients ask for as %2b or as it is.
            """,
            Script("parceler-lamp", "echo \"The lamp is ${1:-off}\"")),
    ];

    public static readonly IpkContent[] NethSecurity =
    [
        Of("""
            Package: ns-parceler-report
            Version: 2:1.4.0-r2
            Depends: libc, parceler-clock
            License: GPL-3.0-or-later
            Section: base
            Architecture: all
            Description:  Reports at what time it was asked
             Its version has an epoch, its file name has not.
            """,
            Script("ns-parceler-report", "echo \"Asked at $(parceler-clock)\"")),
        Of("""
            Package: ns-parceler-sample
            Version: 1.0.0-r1
            Depends: libc, parceler-hello
            License: GPL-3.0-or-later
            Section: base
            Architecture: x86_64
            Description:  Greets from the second feed
            """,
            Script("ns-parceler-sample", "parceler-hello")),
    ];

    private static IpkContent Of(string control, params PackagedFile[] files) => new(OpkgStanzas.Parse($"{control}\n").Single(), files);

    private static PackagedFile Script(string name, params string[] lines) =>
        new($"usr/bin/{name}", Text($"#!/bin/sh\n{string.Join('\n', lines)}\n"), PackagedFile.Executable);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
