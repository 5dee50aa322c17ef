using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>Debian's apt against the service: a signed repository of real packages, mirrored by command, whose upstream moves on.</summary>
[Trait("Speed", "slow")]
public class AptTests(DebianPackages packages) : IClassFixture<DebianPackages>
{
    private static readonly RepositoryName s_name = RepositoryName.Parse("debian");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_machine_with_its_credentials_in_the_address_updates_and_downloads()
    {
        await using var parceler = await StartAsync();
        using var apt = await AptRoot.UpdatedAsync(AddressIn(parceler), packages.PublicKey);

        (await apt.CandidateAsync("netbase")).Should().Be(packages.Version);
        (await apt.DownloadAsync("netbase")).Should().Equal(await File.ReadAllBytesAsync(packages.Netbase, Cancellation));
        (await apt.FetchAsync("netbase", "sensible-utils")).Succeeded();
        Directory.GetFiles(apt.Archives, "*.deb").Should().HaveCount(2);
    }

    [Fact]
    public async Task A_machine_with_its_credentials_in_auth_conf_updates_and_downloads()
    {
        await using var parceler = await StartAsync();
        var auth = $"machine {parceler.Address} login {TestParceler.Machine} password {TestParceler.Secret}\n";
        using var apt = new AptRoot(new(parceler.Address, "/repository/enterprise/debian"), packages.PublicKey, auth);

        (await apt.UpdateAsync()).Succeeded();

        (await apt.CandidateAsync("netbase")).Should().Be(packages.Version);
        (await apt.DownloadAsync("sensible-utils")).Should().Equal(await File.ReadAllBytesAsync(packages.SensibleUtils, Cancellation));
    }

    [Theory]
    [InlineData(TestParceler.Machine, "wrong", "403")]
    [InlineData("", "", "401")]
    public async Task A_machine_that_is_not_entitled_gets_nothing_and_is_told_so(string id, string secret, string status)
    {
        await using var parceler = await StartAsync();
        using var apt = new AptRoot(AddressIn(parceler, id, secret), packages.PublicKey);

        var run = await apt.UpdateAsync();

        run.ExitCode.Should().Be(100);
        run.Output.Should().Contain(status);
        (await apt.CandidateAsync("netbase")).Should().BeNull();
    }

    [Fact]
    public async Task The_new_version_of_a_package_arrives_after_the_delay_and_not_before()
    {
        await using var parceler = await StartAsync();
        await Upstream(parceler).PublishAsync(packages.NewerNetbase);

        await parceler.PassAsync(days: 6);
        (await CandidateOfAFreshMachineAsync(parceler)).Should().Be(packages.Version);

        await parceler.PassAsync(days: 2);
        (await CandidateOfAFreshMachineAsync(parceler)).Should().Be(packages.NewerVersion);
        using var apt = await AptRoot.UpdatedAsync(AddressIn(parceler), packages.PublicKey);
        (await apt.DownloadAsync("netbase")).Should().Equal(await File.ReadAllBytesAsync(packages.NewerNetbase, Cancellation));
    }

    [Fact]
    public async Task A_frozen_repository_keeps_its_version_until_it_is_unfrozen()
    {
        await using var parceler = await StartAsync();
        await parceler.Get<FreezeRepository>().RunAsync(s_name, null, false, (_, _, _) => { }, Cancellation);
        await Upstream(parceler).PublishAsync(packages.NewerNetbase);

        await parceler.PassAsync(days: 15);
        (await CandidateOfAFreshMachineAsync(parceler)).Should().Be(packages.Version);

        await parceler.Get<UnfreezeRepository>().RunAsync(s_name, Cancellation);
        await parceler.SettleAsync();
        (await CandidateOfAFreshMachineAsync(parceler)).Should().Be(packages.NewerVersion);
    }

    [Fact]
    public async Task A_release_brings_the_new_version_at_once_even_to_a_frozen_repository()
    {
        await using var parceler = await StartAsync();
        await parceler.PassAsync(days: 2);
        await parceler.Get<FreezeRepository>().RunAsync(s_name, null, false, (_, _, _) => { }, Cancellation);
        await Upstream(parceler).PublishAsync(packages.NewerNetbase);

        await ReleaseAsync(parceler);

        (await CandidateOfAFreshMachineAsync(parceler)).Should().Be(packages.NewerVersion);
    }

    [Fact]
    public async Task A_machine_that_updated_before_a_switch_still_downloads_the_version_it_saw()
    {
        await using var parceler = await StartAsync();
        using var apt = await AptRoot.UpdatedAsync(AddressIn(parceler), packages.PublicKey);
        await Upstream(parceler).PublishAsync(packages.NewerNetbase);
        await ReleaseAsync(parceler);
        (await CandidateOfAFreshMachineAsync(parceler)).Should().Be(packages.NewerVersion);

        (await apt.CandidateAsync("netbase")).Should().Be(packages.Version);
        (await apt.FetchAsync("netbase", "sensible-utils")).Succeeded();
        (await apt.DownloadAsync("netbase")).Should().Equal(await File.ReadAllBytesAsync(packages.Netbase, Cancellation));

        parceler.Clock.Advance(TimeSpan.FromHours(1)); // its session ends
        (await apt.UpdateAsync()).Succeeded();
        (await apt.CandidateAsync("netbase")).Should().Be(packages.NewerVersion);
    }

    [Fact]
    public async Task An_update_asks_for_the_index_again_only_when_another_snapshot_is_served()
    {
        await using var parceler = await StartAsync();
        using var apt = await AptRoot.UpdatedAsync(AddressIn(parceler), packages.PublicKey);

        (await apt.UpdateAsync()).Succeeded().Output.Should().Contain("Hit:1").And.NotContain("Get:1");

        await Upstream(parceler).PublishAsync(packages.NewerNetbase);
        await ReleaseAsync(parceler);
        (await apt.UpdateAsync()).Succeeded().Output.Should().Contain("Hit:1", "its session goes on");
        parceler.Clock.Advance(TimeSpan.FromHours(1));
        (await apt.UpdateAsync()).Succeeded().Output.Should().Contain("Get:1").And.NotContain("Hit:1");
        (await apt.CandidateAsync("netbase")).Should().Be(packages.NewerVersion);
    }

    [Fact]
    public async Task A_download_that_was_cut_is_resumed()
    {
        await using var parceler = await StartAsync();
        using var apt = await AptRoot.UpdatedAsync(AddressIn(parceler), packages.PublicKey);
        (await apt.FetchAsync("sensible-utils")).Succeeded();
        var whole = new FileInfo(Directory.GetFiles(apt.Archives, "*.deb").Single());
        var partial = Path.Combine(apt.Archives, "partial", whole.Name);
        var modified = whole.LastWriteTimeUtc;
        await File.WriteAllBytesAsync(partial, (await File.ReadAllBytesAsync(whole.FullName, Cancellation))[..4000], Cancellation);
        File.SetLastWriteTimeUtc(partial, modified);
        whole.Delete();

        (await apt.FetchAsync("sensible-utils")).Succeeded();

        (await File.ReadAllBytesAsync(whole.FullName, Cancellation)).Should().Equal(await File.ReadAllBytesAsync(packages.SensibleUtils, Cancellation));
        var (status, times) = TestStorage.IsBucket ? (" 302 ", 2) : (" 206 ", 1); // the bucket knows ranges, and answers both
        parceler.Log.Lines.Where(line => line.Contains("GET /repository/enterprise/debian/pool/sensible-utils", StringComparison.Ordinal) && line.Contains(status, StringComparison.Ordinal)).Should().HaveCount(times);
    }

    private async Task<TestParceler> StartAsync()
    {
        var parceler = await TestParceler.StartAsync(new() { ["DELIVERY_LOG"] = "on" });
        Directory.CreateDirectory(parceler.UpstreamOf("debian"));
        await Upstream(parceler).PublishAsync(packages.Netbase, packages.SensibleUtils);
        await parceler.CreateAsync("debian", delay: 7);
        return parceler;
    }

    private DebianRepository Upstream(TestParceler parceler) => new(parceler.UpstreamOf("debian"), packages);

    private async Task<string?> CandidateOfAFreshMachineAsync(TestParceler parceler)
    {
        var id = $"FRESH-{Guid.NewGuid():N}"; // one without a session
        parceler.Licences.Allow(id, TestParceler.Secret);
        using var apt = await AptRoot.UpdatedAsync(AddressIn(parceler, id), packages.PublicKey);
        return await apt.CandidateAsync("netbase");
    }

    private static async Task ReleaseAsync(TestParceler parceler)
    {
        await parceler.Get<JobQueue>().EnqueueAsync(JobKinds.ReleaseOf(s_name), Cancellation);
        await parceler.RunJobsAsync();
    }

    private static Uri AddressIn(TestParceler parceler, string id = TestParceler.Machine, string secret = TestParceler.Secret) =>
        new UriBuilder(new Uri(parceler.Address, "/repository/enterprise/debian")) { UserName = id, Password = secret }.Uri;
}
