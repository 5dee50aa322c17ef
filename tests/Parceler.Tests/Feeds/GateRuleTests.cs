using System.Globalization;
using Parceler.Feeds;
using Parceler.Formats.Signing;
using Parceler.Repositories;
using Parceler.Storage;
using Parceler.Tests.Formats.Apk;
using Parceler.Tests.Formats.Signing;

namespace Parceler.Tests.Feeds;

/// <summary>Real repositories that are whole, and ones that were broken by hand.</summary>
public sealed class GateRuleTests
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.Parse("2026-11-26T00:00:00Z", CultureInfo.InvariantCulture);

    public static TheoryData<string> Formats => ["opkg", "apk", "apk v2", "apt", "rpm"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Lets_a_whole_and_signed_feed_pass(string format)
    {
        using var feeds = SampleFeeds.Of(format);

        var report = Check(feeds);

        report.Faults.Should().BeEmpty();
        report.Signatures.Should().ContainSingle().Which.IsSigned.Should().BeTrue();
        SampleFeeds.Keys.SelectMany(key => key.Fingerprints).Should().Contain(report.Signatures[0].Key);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Waits_for_a_package_that_is_missing(string format)
    {
        using var feeds = SampleFeeds.Of(format);
        var package = Packages(feeds)[0];
        File.Delete(feeds[package.Path]);

        var report = Check(feeds);

        report.Faults.Should().ContainSingle().Which.ToString().Should().Be($"{Found(feeds)}: {package.Name} {package.Version}: '{package.Path}' is missing");
        (report.Passes, report.MayWait).Should().Be((false, true));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Waits_for_a_package_of_another_size(string format)
    {
        using var feeds = SampleFeeds.Of(format);
        var package = Packages(feeds)[0];
        File.AppendAllText(feeds[package.Path], "x");

        var report = Check(feeds);

        report.Faults.Should().ContainSingle().Which.Reason.Should().Be($"'{package.Path}' has {package.Size + 1} bytes, but the index says {package.Size}");
        report.MayWait.Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Waits_for_a_package_of_other_bytes(string format)
    {
        using var feeds = SampleFeeds.Of(format);
        var package = Packages(feeds)[0];
        var content = File.ReadAllBytes(feeds[package.Path]);
        content[content.Length / 2] ^= 1;
        File.WriteAllBytes(feeds[package.Path], content);

        var report = Check(feeds);

        report.Faults.Should().ContainSingle().Which.Reason.Should().StartWith($"'{package.Path}' is another file than the index names: its ");
        report.MayWait.Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Looks_at_no_signature_without_keys_and_says_so(string format)
    {
        using var feeds = SampleFeeds.Of(format);

        var report = Check(feeds, trust: []);

        report.Passes.Should().BeTrue();
        report.Signatures.Should().ContainSingle().Which.IsSigned.Should().BeFalse();
        report.Warnings.Should().ContainSingle().Which.Reason.Should().StartWith("unsigned");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Fails_at_once_by_another_key(string format)
    {
        using var feeds = SampleFeeds.Of(format);
        TrustedKey[] others =
        [
            SampleFeeds.KeyOf("a", UsignSecretKey.Generate().PublicKey.ToText()), SampleFeeds.KeyOf("b", ApkSamples.EcdsaKey), SampleFeeds.KeyOf("c", OpenPgpSecretKey.Generate("other", s_now.AddYears(-1)).ToPublicText()),
        ];

        var report = Check(feeds, trust: others);

        report.Faults.Should().ContainSingle().Which.Reason.Should().Contain("not trusted");
        (report.Passes, report.MayWait).Should().Be((false, false));
    }

    [Theory]
    [InlineData("opkg", SampleFeeds.OpkgFolder + "/Packages.sig")]
    [InlineData("rpm", SampleFeeds.RpmFolder + "/repodata/repomd.xml.asc")]
    public void Waits_for_a_signature_that_is_missing(string format, string signature)
    {
        using var feeds = SampleFeeds.Of(format);
        File.Delete(feeds[signature]);

        var report = Check(feeds);

        report.Faults.Should().ContainSingle().Which.Reason.Should().StartWith("it has no signature");
        report.MayWait.Should().BeTrue();
    }

    [Fact]
    public void Fails_at_once_when_an_index_of_opkg_was_changed_after_it_was_signed()
    {
        using var feeds = SampleFeeds.Of("opkg");
        var signature = File.ReadAllBytes(feeds[$"{SampleFeeds.OpkgFolder}/Packages.sig"]);
        feeds.AddIpk(SampleFeeds.OpkgFolder, "evil", "1", "");
        feeds.WriteOpkgIndex(SampleFeeds.OpkgFolder);
        feeds.Write($"{SampleFeeds.OpkgFolder}/Packages.sig", signature);

        FailsAtOnce(Check(feeds), "its signature does not fit the index");
    }

    [Fact]
    public void Takes_apk_2_signed_over_SHA1_and_warns_of_it()
    {
        using var feeds = SampleFeeds.Of("apk v2");

        Check(feeds).Warnings.Should().ContainSingle().Which.Reason.Should().StartWith("it is signed over SHA-1, which is broken");
    }

    [Fact]
    public void Fails_at_once_when_an_index_of_apk_is_not_signed()
    {
        using var feeds = SampleFeeds.Of("apk");
        var index = Parceler.Formats.Apk.AdbFile.Read(File.OpenRead(feeds[$"{SampleFeeds.ApkFolder}/packages.adb"]), new());
        feeds.Write($"{SampleFeeds.ApkFolder}/packages.adb", Parceler.Formats.Apk.ApkIndex.Of(index).ToFile().ToBytes());

        FailsAtOnce(Check(feeds), "it has no signature");
    }

    [Theory]
    [InlineData("InRelease")]
    [InlineData("Release")]
    public void Fails_at_once_when_a_Release_was_changed_after_it_was_signed(string file)
    {
        using var feeds = SampleFeeds.Of("apt");
        feeds.Change($"{SampleFeeds.Suite}/{file}", "Suite: stable", "Suite: unstable");

        var report = Check(feeds);

        report.Faults.Select(fault => fault.Reason).Should().Contain(reason => reason.Contains("does not fit the content"));
        report.MayWait.Should().BeFalse();
    }

    [Fact]
    public void Waits_when_Release_and_InRelease_are_not_of_one_state()
    {
        using var feeds = SampleFeeds.Of("apt");
        var inline = File.ReadAllBytes(feeds[$"{SampleFeeds.Suite}/InRelease"]);
        feeds.Change($"{SampleFeeds.Suite}/Release", "Suite: stable", "Suite: other");
        feeds.SignApt();
        feeds.Write($"{SampleFeeds.Suite}/InRelease", inline);

        Waits(Check(feeds), "InRelease and Release do not say the same");
    }

    [Fact]
    public void Fails_at_once_when_a_repomd_was_changed_after_it_was_signed()
    {
        using var feeds = SampleFeeds.Of("rpm");
        feeds.Change($"{SampleFeeds.RpmFolder}/repodata/repomd.xml", "<revision>7", "<revision>8");

        FailsAtOnce(Check(feeds), "does not fit the content");
    }

    [Fact]
    public void Takes_what_gpg_signed_and_refuses_it_when_the_key_has_expired()
    {
        using var gpg = new GpgHome();
        gpg.Generate("archive", "ed25519", expire: "1d");
        using var feeds = SampleFeeds.Of("apt");
        File.Delete(feeds[$"{SampleFeeds.Suite}/Release.gpg"]);
        feeds.Write($"{SampleFeeds.Suite}/InRelease", gpg.Run("--clearsign", feeds[$"{SampleFeeds.Suite}/Release"]));
        var key = TrustedKey.Parse("archive.gpg", gpg.Run("--export", "archive"));
        var today = TimeProvider.System.GetUtcNow();

        var good = Check(feeds, trust: [.. SampleFeeds.Keys, key], now: today);
        var expired = Check(feeds, trust: [.. SampleFeeds.Keys, key], now: today.AddDays(2));

        good.Signatures.Should().ContainSingle().Which.Should().Match<FeedSignature>(signature => signature.Key == gpg.Fingerprints("archive")[0] && signature.Label == "archive.gpg");
        FailsAtOnce(expired, "the key has expired");
    }

    [Fact]
    public void Waits_for_a_Packages_gz_of_another_state_than_Packages()
    {
        using var feeds = SampleFeeds.Of("opkg");
        var old = File.ReadAllBytes(feeds[$"{SampleFeeds.OpkgFolder}/Packages.gz"]);
        feeds.AddIpk(SampleFeeds.OpkgFolder, "gamma", "1", "");
        feeds.WriteOpkgIndex(SampleFeeds.OpkgFolder);
        feeds.Write($"{SampleFeeds.OpkgFolder}/Packages.gz", old);

        Waits(Check(feeds), "not of the same content");
    }

    [Theory]
    [InlineData("Packages.xz")]
    [InlineData("Packages.gz")]
    [InlineData("Packages")]
    public void Waits_for_an_index_of_apt_that_is_not_the_one_its_Release_names(string index)
    {
        using var feeds = SampleFeeds.Of("apt");
        File.AppendAllText(feeds[$"{SampleFeeds.Suite}/main/binary-amd64/{index}"], "\n");

        var report = Check(feeds);

        report.Faults.Should().NotBeEmpty().And.OnlyContain(fault => fault.Reason.Contains($"binary-amd64/{index}'") && fault.MayWait);
    }

    [Fact]
    public void Waits_for_indexes_of_apt_that_are_gone_though_its_Release_names_them()
    {
        using var before = SampleFeeds.Of("apt");
        before.Shell($"cd '{SampleFeeds.AptRoot}' && mkdir -p dists/stable/main/binary-arm64 && cp dists/stable/main/binary-amd64/* dists/stable/main/binary-arm64/");
        before.WriteAptIndex();
        before.SignApt();
        using var feeds = before.Copy();
        feeds.Shell($"rm {SampleFeeds.Suite}/main/binary-arm64/Packages.gz");
        Check(feeds, before).Faults.Should().BeEmpty("another form of it is there");
        feeds.Shell($"rm {SampleFeeds.Suite}/main/binary-arm64/Packages*");

        Waits(Check(feeds, before), "is missing, which its head names and the last snapshot had");
        Check(feeds).Faults.Should().BeEmpty("a mirror need not have all architectures");
    }

    [Fact]
    public void Holds_indexes_of_apt_that_stand_under_their_hash_to_it()
    {
        const string index = $"{SampleFeeds.Suite}/main/binary-amd64";
        using var feeds = SampleFeeds.Of("apt");
        feeds.WriteAptIndex("-o APT::FTPArchive::Release::Acquire-By-Hash=yes -o APT::FTPArchive::SHA512=false");
        feeds.SignApt();
        feeds.Shell($"cd {index} && mkdir -p by-hash/SHA256 && for f in Packages*; do cp $f by-hash/SHA256/$(sha256sum $f | cut -d' ' -f1); done");
        using var before = feeds.Copy();
        Check(feeds).Faults.Should().BeEmpty();
        feeds.Shell($"rm {index}/Packages*");
        Check(feeds, before).Faults.Should().BeEmpty("machines ask by hash");

        feeds.Shell($"cp '{before[index]}'/Packages* {index}/ && cd {index}/by-hash && tr 'a-z' 'A-Z' < ../Packages > SHA256/$(sha256sum ../Packages | cut -d' ' -f1)");
        Waits(Check(feeds), "is not what its name says");
    }

    [Theory]
    [InlineData("primary")]
    [InlineData("filelists")]
    public void Waits_for_an_index_of_rpm_that_is_missing(string type)
    {
        using var feeds = SampleFeeds.Of("rpm");
        feeds.Shell($"rm {SampleFeeds.RpmFolder}/repodata/*-{type}.xml.*");

        Waits(Check(feeds), "is missing");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Waits_for_a_package_that_went_though_the_index_is_that_of_the_last_snapshot(string format)
    {
        using var before = SampleFeeds.Of(format);
        using var feeds = before.Copy();
        File.Delete(feeds[Packages(feeds)[0].Path]);

        Waits(Check(feeds, before), "is missing");
    }

    [Fact]
    public void Waits_for_an_index_of_rpm_that_went_though_all_else_is_as_in_the_last_snapshot()
    {
        using var before = SampleFeeds.Of("rpm");
        using var feeds = before.Copy();
        feeds.Shell($"rm {SampleFeeds.RpmFolder}/repodata/*-filelists.xml.*");

        Waits(Check(feeds, before), "is missing");
    }

    [Fact]
    public void Warns_without_keys_when_a_signature_goes()
    {
        using var before = SampleFeeds.Of("opkg");
        using var feeds = before.Copy();
        File.Delete(feeds[$"{SampleFeeds.OpkgFolder}/Packages.sig"]);

        var report = Check(feeds, before, trust: []);

        report.Passes.Should().BeTrue();
        report.Warnings.Select(warning => warning.Reason).Should().Contain("it had a signature in the last snapshot, and has none any more");
    }

    [Fact]
    public void Does_without_the_index_of_rpm_that_dnf_does_not_take()
    {
        using var feeds = SampleFeeds.Of("rpm");
        feeds.Shell($"rm {SampleFeeds.RpmFolder}/repodata/*-other.xml.*");

        Check(feeds).Faults.Should().BeEmpty();
    }

    [Fact]
    public void Refuses_an_apt_repository_whose_date_goes_back_until_that_is_accepted()
    {
        using var before = SampleFeeds.Of("apt");
        using var feeds = before.Copy();
        feeds.Shell($"sed -i 's/^Date: .*/Date: Thu, 01 Jan 2026 00:00:00 UTC/' {SampleFeeds.Suite}/Release");
        feeds.SignApt();

        FailsAtOnce(Check(feeds, before), "it was made at 2026-01-01 00:00:00Z");
        Check(feeds, before, acceptsRollback: true).Should().Match<GateReport>(report => report.Passes && report.Notes.Count == 1);
        Check(before, feeds).Faults.Should().BeEmpty("that way time goes forth");
    }

    [Fact]
    public void Refuses_an_rpm_repository_whose_date_goes_back()
    {
        using var feeds = SampleFeeds.Of("rpm");
        feeds.WriteRpmIndex("1790000000");
        feeds.SignRpm();
        using var before = feeds.Copy();
        feeds.WriteRpmIndex("1780000000");
        feeds.SignRpm();

        FailsAtOnce(Check(feeds, before), "upstream went back");
        Check(before, feeds).Faults.Should().BeEmpty();
    }

    [Theory]
    [InlineData("opkg")]
    [InlineData("rpm")]
    public void Refuses_an_earlier_index_that_is_not_the_newest_where_there_are_no_dates(string format)
    {
        using var first = SampleFeeds.Of(format);
        using var second = first.Copy();
        Upgrade(second, format);
        using var third = first.Copy();
        var seen = new[] { first, second }.ToLookup(feeds => Found(feeds).Head, feeds => feeds.Tree.Find(Found(feeds).Head)!.Value.Digest);

        FailsAtOnce(Check(third, second, seen: seen), "its index is an earlier one, not the newest");
        Check(third, second, seen: seen, acceptsRollback: true).Passes.Should().BeTrue();
        Check(second, first, seen: seen.SelectMany(digests => digests, (digests, digest) => (digests.Key, digest)).Take(1).ToLookup(pair => pair.Key, pair => pair.digest)).Faults.Should().BeEmpty();
        Check(first, third, seen: seen).Faults.Should().BeEmpty("nothing changed");
    }

    [Fact]
    public void Refuses_an_earlier_index_of_opkg_that_comes_back_unpacked_alone()
    {
        using var first = SampleFeeds.Of("opkg");
        using var second = first.Copy();
        Upgrade(second, "opkg");
        File.Delete(first[$"{SampleFeeds.OpkgFolder}/Packages.gz"]);

        Waits(Check(first, second), "Packages.gz' is missing, which the last snapshot had");
        Check(first).Faults.Should().BeEmpty("an upstream need not pack it");
    }

    [Theory]
    [InlineData("opkg")]
    [InlineData("apt")]
    [InlineData("rpm")]
    public void Takes_the_same_version_with_other_bytes_when_it_is_signed_and_raises_an_alarm(string format)
    {
        using var before = SampleFeeds.Of(format);
        using var feeds = before.Copy();
        Rebuild(feeds, format);

        var report = Check(feeds, before);

        report.Faults.Should().BeEmpty();
        report.Alarms.Should().ContainSingle().Which.Should().Match<FeedRemark>(alarm => alarm.Package!.StartsWith("alpha 1.0") && alarm.Reason.Contains("other bytes; signed by "));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Lets_a_broken_feed_pass_that_is_as_it_was_in_the_last_snapshot(string format)
    {
        using var feeds = SampleFeeds.Of(format);
        File.Delete(feeds[Packages(feeds)[0].Path]);
        using var before = feeds.Copy();

        Check(feeds, before).Faults.Should().BeEmpty();
        Check(feeds, before, trust: [SampleFeeds.KeyOf("other", UsignSecretKey.Generate().PublicKey.ToText())]).Faults.Should().BeEmpty();
        Check(feeds).Passes.Should().BeFalse();
    }

    [Fact]
    public void Lets_an_unreadable_feed_pass_that_is_as_it_was_but_not_one_that_became_so()
    {
        using var before = SampleFeeds.Of("opkg");
        using var feeds = before.Copy();
        feeds.Write($"{SampleFeeds.OpkgFolder}/Packages.gz", "damaged");
        Waits(Check(feeds, before), "Packages.gz' can't be read");
        File.Delete(feeds[$"{SampleFeeds.OpkgFolder}/Packages"]);
        using var after = feeds.Copy();

        Waits(Check(feeds, before), "it can't be read");
        Check(after, feeds).Faults.Should().BeEmpty();
        Check(after, feeds).Warnings.Should().Contain(warning => warning.Reason.Contains("as it was in the last snapshot"));
    }

    [Fact]
    public void Names_the_feed_that_is_broken_among_others()
    {
        using var feeds = SampleFeeds.Of("opkg");
        feeds.Add("rpm");
        feeds.Add("apt");
        feeds.AddOpkg("24.10/base", ("one", "1"));
        File.Delete(feeds["24.10/base/one_1_x86_64.ipk"]);

        var report = Check(feeds);

        report.Faults.Should().ContainSingle().Which.ToString().Should().StartWith("opkg feed '24.10/base': one 1: ");
        report.Signatures.Should().HaveCount(4);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Waits_for_the_head_of_a_feed_that_is_gone_while_its_packages_are_there(string format)
    {
        using var before = SampleFeeds.Of(format);
        using var feeds = before.Copy();
        var found = Found(feeds);
        feeds.Shell(format switch { "apt" => $"rm {found.Folder}*Release*", "opkg" => $"rm {found.Folder}Packages*", _ => $"rm {found.Head}" });

        Waits(Check(feeds, before), "is gone, but packages of it such as");
        feeds.Shell("rm -rf *");
        Check(feeds, before).Should().Match<GateReport>(report => report.Passes && report.Notes.Count == 1);
    }

    [Theory]
    [InlineData("apk")]
    [InlineData("apk v2")]
    public void Reads_packages_for_their_hash_only_when_they_are_new(string format)
    {
        using var before = SampleFeeds.Of(format);
        using var feeds = before.Copy();
        if (format == "apk")
        {
            feeds.AddApk(SampleFeeds.ApkFolder, packages: [ApkSamples.Hello, ApkSamples.Empty, ApkSamples.Aplus]);
        }
        else
        {
            feeds.Shell($"touch {SampleFeeds.Apk2Folder}/x");
        }

        PackagesRead(feeds, before: null).Should().HaveCount(format == "apk" ? 3 : 1);
        PackagesRead(feeds, before).Should().HaveCount(format == "apk" ? 1 : 0);
        PackagesRead(feeds, before, previousWasChecked: false).Should().HaveCount(format == "apk" ? 3 : 0);
    }

    [Theory]
    [InlineData("opkg")]
    [InlineData("apt")]
    [InlineData("rpm")]
    public void Reads_no_package_whose_SHA256_its_digest_is(string format)
    {
        using var feeds = SampleFeeds.Of(format);

        PackagesRead(feeds, before: null).Should().BeEmpty();
    }

    [Fact]
    public void Compares_other_hashes_than_SHA256()
    {
        using var feeds = SampleFeeds.Of("rpm");
        feeds.WriteRpmIndex(options: "--checksum sha512");
        feeds.SignRpm();
        Check(feeds).Faults.Should().BeEmpty();
        var package = Packages(feeds)[0];
        var content = File.ReadAllBytes(feeds[package.Path]);
        content[^1] ^= 1;
        File.WriteAllBytes(feeds[package.Path], content);

        Waits(Check(feeds), "its SHA-512 differs");
    }

    [Fact]
    public void Lets_all_through_in_the_mode_warn_and_tells_it()
    {
        using var feeds = SampleFeeds.Of("opkg");
        File.Delete(feeds[Packages(feeds)[0].Path]);

        Check(feeds, mode: GateMode.Warn).Should().Match<GateReport>(report => report.Passes && report.Faults.Count == 1);
        Check(feeds, mode: GateMode.Off).Should().Be(GateReport.Nothing);
    }

    [Theory]
    [InlineData(2, 1, false)]
    [InlineData(2, 7, true)]
    [InlineData(-1, 0, true)]
    public void Warns_when_the_delay_is_longer_than_apt_takes_the_Release(int validDays, int delayDays, bool warns)
    {
        using var feeds = SampleFeeds.Of("apt");
        var until = s_now.AddDays(validDays).ToString("ddd, dd MMM yyyy HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        feeds.Shell($"sed -i 's/^Date:/Valid-Until: {until}\\nDate:/' {SampleFeeds.Suite}/Release");
        feeds.SignApt();

        var report = Check(feeds, delayDays: delayDays);

        report.Passes.Should().BeTrue();
        report.Warnings.Any(warning => warning.Reason.Contains("apt")).Should().Be(warns);
    }

    [Fact]
    public void Notes_single_downgrades()
    {
        using var feeds = SampleFeeds.Of("opkg");
        using var before = feeds.Copy();
        before.AddIpk(SampleFeeds.OpkgFolder, "alpha", "1.1-r1", "");
        File.Delete(before[$"{SampleFeeds.OpkgFolder}/alpha_1.0-r1_x86_64.ipk"]);
        before.WriteOpkgIndex(SampleFeeds.OpkgFolder);

        var report = Check(feeds, before);

        report.Passes.Should().BeTrue();
        report.Notes.Should().ContainSingle().Which.ToString().Should().EndWith("alpha 1.0-r1: a step back from 1.1-r1");
    }

    [Fact]
    public void Names_some_of_many_faults_and_counts_the_others()
    {
        using var feeds = new SampleFeeds();
        feeds.AddOpkg("f", [.. Enumerable.Range(0, 30).Select(i => ($"p{i}", "1"))]);
        feeds.Shell("rm f/*.ipk");

        Check(feeds).Faults.Should().HaveCount(21).And.Subject.Last().Reason.Should().Be("and 10 more of the kind");
    }

    private static GateReport Check(
        SampleFeeds feeds,
        SampleFeeds? before = null,
        IReadOnlyList<TrustedKey>? trust = null,
        ILookup<string, Digest>? seen = null,
        GateMode mode = GateMode.Strict,
        bool acceptsRollback = false,
        int delayDays = 7,
        DateTimeOffset? now = null,
        bool previousWasChecked = true,
        FolderTree? tree = null)
    {
        tree ??= feeds.Tree;
        var input = new GateInput(
            tree, tree.ReadAll(), before?.Tree, before?.Tree.ReadAll() ?? [], trust ?? SampleFeeds.Keys, seen ?? Array.Empty<Digest>().ToLookup(_ => ""), mode, acceptsRollback, TimeSpan.FromDays(delayDays), now ?? s_now, previousWasChecked);
        return GateRule.Check(input, TestContext.Current.CancellationToken);
    }

    private static List<string> PackagesRead(SampleFeeds feeds, SampleFeeds? before, bool previousWasChecked = true)
    {
        var tree = feeds.Tree;
        Check(feeds, before, tree: tree, previousWasChecked: previousWasChecked).Faults.Should().BeEmpty();
        return tree.Reads.FindAll(path => Path.GetExtension(path) is ".apk" or ".ipk" or ".deb" or ".rpm");
    }

    private static IReadOnlyList<FeedPackage> Packages(SampleFeeds feeds) => feeds.Tree.ReadAll()[0].Feed!.Packages;

    private static FoundFeed Found(SampleFeeds feeds) => feeds.Tree.ReadAll()[0].Found;

    private static void Upgrade(SampleFeeds feeds, string format)
    {
        if (format == "opkg")
        {
            feeds.AddIpk(SampleFeeds.OpkgFolder, "alpha", "1.1-r1", "");
            feeds.WriteOpkgIndex(SampleFeeds.OpkgFolder);
            return;
        }

        feeds.AddRpm("alpha", "1.1");
        feeds.WriteRpmIndex();
        feeds.SignRpm();
    }

    private static void Rebuild(SampleFeeds feeds, string format)
    {
        switch (format)
        {
            case "opkg":
                feeds.AddIpk(SampleFeeds.OpkgFolder, "alpha", "1.0-r1", "rebuilt");
                feeds.WriteOpkgIndex(SampleFeeds.OpkgFolder);
                break;
            case "apt":
                feeds.AddDeb("alpha", "1.0-1", content: "rebuilt");
                feeds.WriteAptIndex();
                feeds.SignApt();
                break;
            default:
                feeds.AddRpm("alpha", "1.0", "rebuilt");
                feeds.WriteRpmIndex();
                feeds.SignRpm();
                break;
        }
    }

    private static void FailsAtOnce(GateReport report, string reason)
    {
        report.Faults.Should().Contain(fault => fault.Reason.Contains(reason));
        (report.Passes, report.MayWait).Should().Be((false, false));
    }

    private static void Waits(GateReport report, string reason)
    {
        report.Faults.Should().Contain(fault => fault.Reason.Contains(reason));
        (report.Passes, report.MayWait).Should().Be((false, true));
    }
}
