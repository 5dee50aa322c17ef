using Parceler.Database;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Tests.Support;

namespace Parceler.Tests.Http;

/// <summary>How the pipeline of an upstream asks for a release.</summary>
public sealed class ReleaseEndpointTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer release")]
    [InlineData("Bearer release-token2")]
    [InlineData("Basic release-token")]
    [InlineData("release-token")]
    public async Task Without_the_token_nothing_is_released_and_nothing_is_told(string? authorization)
    {
        await using var parceler = await StartAsync();

        foreach (var name in new[] { "netsec", "none" })
        {
            var answer = await PostAsync(parceler, $"/repository/{name}/release", authorization);

            answer.Status.Should().Be(401);
            answer["WWW-Authenticate"].Should().Be("Bearer realm=\"Parceler\"");
        }

        (await parceler.Get<JobQueue>().ListAsync(null, 10, Cancellation)).Should().BeEmpty();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer null")]
    public async Task Without_a_configured_token_nobody_can_release(string? authorization)
    {
        await using var parceler = await StartAsync(token: " ");

        (await PostAsync(parceler, "/repository/netsec/release", authorization)).Status.Should().Be(401);
    }

    [Theory]
    [InlineData("/repository/netsec/release")]
    [InlineData("/repositories/netsec/release")]
    public async Task A_release_is_queued_and_answered_with_the_number_of_its_job(string target)
    {
        await using var parceler = await StartAsync();

        var answer = await PostAsync(parceler, target, "Bearer release-token");

        answer.Status.Should().Be(202);
        var job = (await parceler.Get<JobQueue>().ListAsync("netsec", 10, Cancellation)).Should().ContainSingle().Subject;
        job.Kind.Should().Be(JobKinds.Release);
        (answer["Content-Type"], answer.Text).Should().Be(("application/json; charset=utf-8", $"{{\"job\":{job.Id}}}"));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("net%20sec")]
    [InlineData("..")]
    public async Task An_unknown_repository_is_not_found(string name)
    {
        await using var parceler = await StartAsync();

        (await PostAsync(parceler, $"/repository/{name}/release", "Bearer release-token")).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_failure_inside_shows_nothing_of_the_inside()
    {
        await using var parceler = await StartAsync();
        await parceler.Get<ParcelerDb>().WriteAsync(session => session.ExecuteAsync("alter table jobs rename to jobs_away"), Cancellation);

        var answer = await PostAsync(parceler, "/repository/netsec/release", "Bearer release-token");
        await parceler.Get<ParcelerDb>().WriteAsync(session => session.ExecuteAsync("alter table jobs_away rename to jobs"), Cancellation);

        answer.ShouldBeEmpty(500);
    }

    private static async Task<TestParceler> StartAsync(string token = "release-token")
    {
        var parceler = await TestParceler.StartAsync(new() { ["REPOSITORY_RELEASE_TOKEN"] = token });
        await parceler.CreateAsync("netsec", sync: false);
        return parceler;
    }

    private static async Task<RawAnswer> PostAsync(TestParceler parceler, string target, string? authorization)
    {
        var answer = await RawRequest.SendAsync(parceler.Address, "POST", target, authorization is null ? [("Content-Length", "0")] : [("Content-Length", "0"), ("Authorization", authorization)]);
        answer.Headers.Should().NotContainKeys("Server", "X-Powered-By");
        return answer;
    }
}
