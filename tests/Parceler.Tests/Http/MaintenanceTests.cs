using Parceler.Delivery;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Tests.Support;

namespace Parceler.Tests.Http;

/// <summary>What <c>parceler down</c> means to everybody who asks from outside.</summary>
public class MaintenanceTests : IAsyncLifetime
{
    private const string File = "/repository/enterprise/netsec/Packages";
    private TestParceler _parceler = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _parceler = await TestParceler.StartAsync();
        _parceler.WriteUpstream("netsec", "Packages", "good");
        await _parceler.CreateAsync("netsec");
    }

    public ValueTask DisposeAsync() => _parceler.DisposeAsync();

    [Theory]
    [InlineData("GET", File)]
    [InlineData("GET", "/repository/enterprise/netsec")]
    [InlineData("HEAD", "/repositories/community/none/x")]
    [InlineData("POST", "/repository/netsec/release")]
    [InlineData("POST", "/repositories/netsec/release")]
    [InlineData("GET", "/repository")]
    [InlineData("GET", "/Repository/enterprise/netsec/Packages")]
    public async Task Programs_get_503_without_words_whatever_people_are_told(string method, string target)
    {
        await DownAsync(redirect: "https://status.example/", message: "moving");

        var answer = await SendAsync(method, target, ("Authorization", "Bearer release-token"));

        answer.ShouldBeEmpty(503)["Retry-After"].Should().Be("120");
        (await _parceler.Get<JobQueue>().ListAsync(null, 10, Cancellation)).Should().HaveCount(1, "only the first sync was ever asked for");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/elsewhere")]
    public async Task People_get_a_page_with_the_message(string target)
    {
        await DownAsync(message: "Back <soon> & well");

        var answer = await SendAsync("GET", target);

        answer.Status.Should().Be(503);
        answer["Retry-After"].Should().Be("120");
        answer["Content-Type"].Should().Be("text/html; charset=utf-8");
        answer.Text.Should().Contain("Back &lt;soon&gt; &amp; well");
    }

    [Fact]
    public async Task People_are_sent_elsewhere_if_there_is_such_a_place()
    {
        await DownAsync(redirect: "https://status.example/");

        foreach (var target in new[] { "/", "/elsewhere?x=1" })
        {
            var answer = await SendAsync("GET", target);
            (answer.Status, answer["Location"]).Should().Be((302, "https://status.example/"));
        }
    }

    [Fact]
    public async Task A_redirect_to_a_page_of_this_service_is_no_circle()
    {
        await DownAsync(redirect: "/sorry", message: "moving");

        (await SendAsync("GET", "/"))["Location"].Should().Be("/sorry");
        var answer = await SendAsync("GET", "/sorry");

        answer.Status.Should().Be(503);
        answer.Text.Should().Contain("moving");
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task Whoever_watches_the_service_sees_that_it_is_alive(string method)
    {
        await DownAsync(redirect: "https://status.example/");

        (await SendAsync(method, "/up")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Whoever_opens_the_secret_passes_from_then_on()
    {
        await DownAsync(secret: "let-me-in", redirect: "https://status.example/");

        var opened = await SendAsync("GET", "/let-me-in");
        var cookie = opened["Set-Cookie"]!.Split(';')[0];

        (opened.Status, opened["Location"]).Should().Be((302, "/"));
        opened["Set-Cookie"].Should().Contain("httponly").And.Contain("samesite=lax");
        (await SendAsync("GET", "/", ("Cookie", cookie))).Text.Should().Contain("delivers package repositories");
        (await SendAsync("GET", File, ("Cookie", cookie), ("Authorization", RawRequest.Basic(TestParceler.Machine, TestParceler.Secret)))).Text.Should().Be("good");
        (await SendAsync("GET", File, ("Cookie", cookie + "x"))).ShouldBeEmpty(503);
    }

    [Fact]
    public async Task The_header_with_the_secret_passes_and_a_guess_does_not()
    {
        await DownAsync(secret: "let-me-in");

        (await SendAsync("GET", "/", ("X-Parceler-Bypass", "let-me-in"))).Status.Should().Be(200);
        (await SendAsync("POST", "/repository/netsec/release", ("X-Parceler-Bypass", "let-me-in"), ("Authorization", "Bearer release-token"))).Status.Should().Be(202);
        (await SendAsync("GET", "/", ("X-Parceler-Bypass", "let-me"))).Status.Should().Be(503);
        (await SendAsync("GET", "/let-me")).Status.Should().Be(503);
    }

    [Fact]
    public async Task Without_a_secret_nobody_passes()
    {
        await DownAsync();

        (await SendAsync("GET", "/", ("X-Parceler-Bypass", ""))).Status.Should().Be(503);
        (await SendAsync("GET", "/", ("Cookie", "parceler_bypass="))).Status.Should().Be(503);
    }

    [Fact]
    public async Task Jobs_stop_meanwhile_and_go_on_at_once_afterwards()
    {
        await DownAsync();
        var queue = _parceler.Get<JobQueue>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var working = _parceler.Get<Worker>().RunAsync(1, ending.Token);
        var job = await queue.EnqueueAsync(JobKinds.SyncOf(RepositoryName.Parse("netsec")), Cancellation);

        for (var look = 0; look < 5; look++)
        {
            _parceler.Clock.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
            (await queue.FindAsync(job, Cancellation))!.State.Should().Be(JobState.Waiting);
        }

        await _parceler.Get<MaintenanceMode>().EndAsync(Cancellation); // and the clock stands still
        await UntilAsync(async () => (await queue.FindAsync(job, Cancellation))!.State == JobState.Succeeded);

        await ending.CancelAsync();
        await working;
    }

    private Task DownAsync(string? secret = null, string? redirect = null, string? message = null) =>
        _parceler.Get<MaintenanceMode>().BeginAsync(new(120, secret, redirect, message, _parceler.Clock.GetUtcNow()), Cancellation);

    private Task<RawAnswer> SendAsync(string method, string target, params (string Name, string Value)[] headers) => RawRequest.SendAsync(_parceler.Address, method, target, headers);

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var tries = 0; !await condition(); tries++)
        {
            tries.Should().BeLessThan(100);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }
    }
}
