using System.Globalization;
using Parceler.Delivery;
using Parceler.Tests.Support;

namespace Parceler.Tests.Delivery;

/// <summary>What decides a request before any file does, row by row and in the order of the contract.</summary>
public sealed class DeliveryTests(DeliveredRepository delivered) : IClassFixture<DeliveredRepository>
{
    private const string Hello = "/repository/enterprise/netsec/hello.txt";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Uri Address => delivered.Parceler.Address;

    private int LicenceCalls => delivered.Parceler.Licences.Calls.Count;

    [Fact]
    public async Task Maintenance_answers_503_before_anything_else_except_to_the_holder_of_its_secret()
    {
        var mode = delivered.Parceler.Get<MaintenanceMode>();
        await mode.BeginAsync(new(120, "let-me-in", "http://elsewhere.example/", "moving", delivered.Parceler.Clock.GetUtcNow()), Cancellation);
        try
        {
            foreach (var target in new[] { Hello, "/repository/enterprise/netsec/../x", "/repositories/none/none/x" })
            {
                (await delivered.SendAsync("GET", target)).ShouldBeEmpty(503)["Retry-After"].Should().Be("120");
            }

            (await RawRequest.SendAsync(Address, "GET", Hello)).ShouldBeEmpty(503);
            (await delivered.GetAsync("hello.txt", ("X-Parceler-Bypass", "let-me"))).ShouldBeEmpty(503);
            (await delivered.GetAsync("hello.txt", ("X-Parceler-Bypass", "let-me-in"))).Text.Should().Be(DeliveredRepository.Digits);
            (await RawRequest.SendAsync(Address, "GET", Hello, ("X-Parceler-Bypass", "let-me-in"))).ShouldBeEmpty(401);
            (await RawRequest.SendAsync(Address, "GET", "/up")).Status.Should().Be(200);
        }
        finally
        {
            await mode.EndAsync(Cancellation);
        }

        (await delivered.GetAsync("hello.txt")).Status.Should().Be(200);
    }

    [Fact]
    public async Task The_log_says_how_much_was_sent()
    {
        await using var parceler = await TestParceler.StartAsync(new() { ["DELIVERY_LOG"] = "on" });
        parceler.WriteUpstream("netsec", "hello.txt", "12345");
        await parceler.CreateAsync("netsec");

        foreach (var method in new[] { "GET", "HEAD" })
        {
            await RawRequest.SendAsync(parceler.Address, method, Hello, ("Authorization", RawRequest.Basic(TestParceler.Machine, TestParceler.Secret)));
        }

        await Wait.UntilAsync(() => parceler.Log.Lines.Any(line => line.Contains($"GET {Hello} 200 5 ", StringComparison.Ordinal)), "the download is logged");
        await Wait.UntilAsync(() => parceler.Log.Lines.Any(line => line.Contains($"HEAD {Hello} 200 - ", StringComparison.Ordinal)), "its head is logged", seconds: 5);
    }

    [Theory]
    [InlineData("/repository/enterprise/netsec/../netsec/hello.txt")]
    [InlineData("/repository/enterprise/x/../netsec/hello.txt")]
    [InlineData("/repository/../repository/enterprise/netsec/hello.txt")]
    [InlineData("/repository/enterprise/netsec/./hello.txt")]
    [InlineData("/repository/enterprise/netsec/%2e%2e/netsec/hello.txt")]
    [InlineData("/repository/enterprise/netsec/%2E/hello.txt")]
    [InlineData("/repository/enterprise/netsec/.%2e/netsec/hello.txt")]
    [InlineData("/repository/enterprise/netsec%2Fhello.txt")]
    [InlineData("/repository/enterprise/netsec/sub%2fx.manifest")]
    [InlineData("/repository/enterprise/netsec/sub\\x.manifest")]
    [InlineData("/repository/enterprise/netsec/sub%5cx.manifest")]
    [InlineData("/repository/enterprise/netsec/..\\hello.txt")]
    [InlineData("/repository/enterprise/netsec/hello.txt%00")]
    [InlineData("/repository/enterprise/netsec/hello.txt\0")]
    [InlineData("/repository/enterprise/netsec//hello.txt")]
    [InlineData("/repository//netsec/hello.txt")]
    [InlineData("/repository/enterprise/netsec/hello.txt/")]
    [InlineData("/repository/enterprise/netsec/")]
    [InlineData("/repository/enterprise/netsec/%zz")]
    [InlineData("/repository/enterprise/netsec/%ff")]
    [InlineData("/repositories/enterprise/netsec/../netsec/hello.txt")]
    public async Task A_malformed_target_answers_400_even_before_credentials_are_asked_for(string target)
    {
        (await delivered.SendAsync("GET", target)).ShouldBeEmpty(400);
        (await RawRequest.SendAsync(Address, "GET", target)).ShouldBeEmpty(400);
    }

    [Theory]
    [InlineData("/x/../repository/enterprise/netsec/hello.txt")]
    [InlineData("/%72epository/enterprise/netsec/hello.txt")]
    [InlineData("//repository/enterprise/netsec/hello.txt")]
    [InlineData("/Repository/enterprise/netsec/hello.txt")]
    [InlineData("/repository/enterprise/netsec/%252e%252e/netsec/hello.txt")]
    public async Task No_other_spelling_leads_to_a_file(string target) => (await delivered.SendAsync("GET", target)).ShouldBeEmpty(404);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer release-token")]
    [InlineData("Basic")]
    [InlineData("Basic !!!!")]
    [InlineData("Basic bm9jb2xvbg==")] // "nocolon"
    public async Task Without_credentials_the_answer_is_401_from_memory_alone(string? authorization)
    {
        var before = LicenceCalls;
        foreach (var target in new[] { Hello, "/repository/enterprise/netsec/absent", "/repository/none/none/absent" })
        {
            var answer = await RawRequest.SendAsync(Address, "GET", target, authorization is null ? [] : [("Authorization", authorization)]);

            answer.ShouldBeEmpty(401)["WWW-Authenticate"].Should().Be("Basic realm=\"Parceler\"");
        }

        LicenceCalls.Should().Be(before);
    }

    [Theory]
    [InlineData("/repository/none/netsec/hello.txt")]
    [InlineData("/repository/Enterprise/netsec/hello.txt")]
    [InlineData("/repository/enterprise/none/hello.txt")]
    [InlineData("/repository/enterprise/NetSec/hello.txt")]
    [InlineData("/repository/enterprise")]
    public async Task An_unknown_tier_or_repository_answers_404_and_asks_no_authority(string target)
    {
        var before = LicenceCalls;

        (await RawRequest.SendAsync(Address, "GET", target, ("Authorization", RawRequest.Basic("stranger", "x")))).ShouldBeEmpty(404);

        LicenceCalls.Should().Be(before);
    }

    [Theory]
    [InlineData("403")]
    [InlineData("401")]
    public async Task A_denied_machine_gets_the_status_that_its_fleet_knows(string status)
    {
        await using var parceler = await TestParceler.StartAsync(new() { ["DELIVERY_DENIED_STATUS"] = status });
        parceler.WriteUpstream("netsec", "hello.txt", DeliveredRepository.Digits);
        await parceler.CreateAsync("netsec");
        parceler.Licences.Deny("lapsed", "s3cret");
        foreach (var target in new[] { Hello, "/repository/enterprise/netsec/absent" })
        {
            var answer = await RawRequest.SendAsync(parceler.Address, "GET", target, ("Authorization", RawRequest.Basic("lapsed", "s3cret")), ("If-None-Match", "*"));

            answer.ShouldBeEmpty(int.Parse(status, CultureInfo.InvariantCulture))["WWW-Authenticate"].Should().Be(status == "401" ? "Basic realm=\"Parceler\"" : null);
        }
    }

    [Fact]
    public async Task Without_a_verdict_to_lean_on_a_machine_is_told_to_come_back()
    {
        delivered.Parceler.Licences.Answer("new", "s3cret", new(500));

        var answer = await RawRequest.SendAsync(Address, "GET", Hello, ("Authorization", RawRequest.Basic("new", "s3cret")));

        int.Parse(answer.ShouldBeEmpty(503)["Retry-After"]!, CultureInfo.InvariantCulture).Should().BeInRange(300, 900);
    }

    [Theory]
    [InlineData("/repository/enterprise/netsec/absent")]
    [InlineData("/repository/enterprise/netsec/HELLO.txt")]
    [InlineData("/repository/enterprise/netsec/sub")]
    [InlineData("/repository/enterprise/netsec")]
    [InlineData("/repository/enterprise/unsynced/hello.txt")]
    public async Task A_path_that_the_snapshot_does_not_hold_answers_404(string target)
    {
        (await delivered.SendAsync("GET", target)).ShouldBeEmpty(404);
        (await delivered.SendAsync("HEAD", target)).Status.Should().Be(404);
    }

    [Theory]
    [InlineData("/repository/enterprise/netsec/a+b_1~2.ipk")]
    [InlineData("/repository/enterprise/netsec/a%2Bb_1%7E2.ipk")]
    [InlineData("/repository/enterprise/netsec/a%2bb_1%7e2.ipk")]
    [InlineData("/repositories/enterprise/netsec/a+b_1~2.ipk")]
    [InlineData("/repository/enterprise/netsec/a+b_1~2.ipk?x=../")]
    [InlineData("http://AUTHORITY/repository/enterprise/netsec/a+b_1~2.ipk")]
    public async Task A_plus_is_a_plus_and_what_is_encoded_is_decoded_once(string target) =>
        (await delivered.SendAsync("GET", target.Replace("AUTHORITY", Address.Authority, StringComparison.Ordinal))).Text.Should().Be("plus");

    [Fact]
    public async Task A_plus_is_no_blank()
    {
        (await delivered.GetAsync("a+b.ipk")).ShouldBeEmpty(404);
        (await delivered.GetAsync("a%20b_1~2.ipk")).ShouldBeEmpty(404);
        (await delivered.GetAsync("a%20b.ipk")).Text.Should().Be("a b.ipk");
        (await delivered.GetAsync("caf%C3%A9.ipk")).Status.Should().Be(200);
    }
}
