using System.Collections.Concurrent;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>The night of a whole fleet in a few seconds: all machines ask as routers do, each file without credentials first. Nobody may get an error.</summary>
[Collection(nameof(Alone))]
[Trait("Speed", "slow")]
public sealed class StormTests
{
    private const int Machines = 300;
    private const int Files = 8;
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_authority = TimeSpan.FromMilliseconds(100);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_a_cold_start_each_machine_costs_one_question()
    {
        await using var parceler = await StartAsync();
        parceler.Licences.Everybody = new(200) { Delay = s_authority };

        var answers = await NightAsync(parceler);

        answers.Should().Equal(new Dictionary<int, int> { [200] = Machines * Files, [401] = Machines * Files });
        parceler.Licences.Calls.Should().HaveCount(Machines).And.OnlyHaveUniqueItems();
        parceler.Licences.MostAtOnce.Should().BeLessThanOrEqualTo(16);
    }

    [Fact]
    public async Task Who_was_entitled_before_passes_after_a_restart_while_the_authority_is_down()
    {
        await using var parceler = await StartAsync();
        parceler.Licences.Everybody = new(200);
        await NightAsync(parceler);
        parceler.Licences.Everybody = new(503) { Delay = s_authority };
        parceler.Clock.Advance(TimeSpan.FromDays(3)); // all allowances are to be renewed

        await parceler.RestartAsync();
        var answers = await NightAsync(parceler);

        answers.Should().Equal(new Dictionary<int, int> { [200] = Machines * Files, [401] = Machines * Files });
    }

    [Fact]
    public async Task Somebody_who_guesses_behind_the_same_address_does_not_hurt_the_fleet()
    {
        await using var parceler = await StartAsync();
        parceler.Licences.Everybody = new(200);
        await NightAsync(parceler, fromOneAddress: true);
        parceler.Licences.Everybody = null;
        var calls = parceler.Licences.Calls.Count;

        var guessing = GuessAsync(parceler, 2000);
        var answers = await NightAsync(parceler, fromOneAddress: true);
        var refused = await guessing;

        answers.Should().Equal(new Dictionary<int, int> { [200] = Machines * Files, [401] = Machines * Files });
        (parceler.Licences.Calls.Count - calls).Should().BeInRange(300, 300 + 16);
        refused.Should().BeGreaterThanOrEqualTo(2000 - 316);
    }

    private static async Task<TestParceler> StartAsync()
    {
        var parceler = await TestParceler.StartAsync(new() { ["AUTHORITY_CONCURRENCY"] = "16", ["AUTHORITY_WAIT_S"] = "60" });
        foreach (var path in Enumerable.Range(2, Files).Select(i => $"base/{i}.ipk").Append("base/Packages.gz").Append("base/Packages.sig"))
        {
            parceler.WriteUpstream("netsec", path, new string('x', 5000));
        }

        await parceler.CreateAsync("netsec");
        return parceler;
    }

    private static async Task<Dictionary<int, int>> NightAsync(TestParceler parceler, bool fromOneAddress = false)
    {
        var answers = new ConcurrentDictionary<int, int>();
        await Task.WhenAll(
            Enumerable.Range(0, Machines).Select(async machine =>
            {
                await Task.Delay(s_time * ((double)machine / Machines), Cancellation);
                await UpdateAsync(parceler, machine, fromOneAddress ? "127.9.9.9" : $"127.1.{machine / 200}.{1 + (machine % 200)}", answers);
            })
        );
        return answers.OrderBy(answer => answer.Key).ToDictionary();
    }

    // As a downloader that is started for each file.
    private static async Task UpdateAsync(TestParceler parceler, int machine, string from, ConcurrentDictionary<int, int> answers)
    {
        foreach (var path in Enumerable.Range(2, Files - 2).Select(i => $"{i}.ipk").Prepend("Packages.sig").Prepend("Packages.gz"))
        {
            using var connection = await RawConnection.OpenAsync(parceler.Address, from);
            foreach (var credentials in new[] { "", $"Authorization: {RawRequest.Basic($"M-{machine}", "s3cret")}\r\n" })
            {
                await connection.SendAsync($"GET /repository/enterprise/netsec/base/{path} HTTP/1.1\r\nHost: x\r\n{credentials}\r\n");
                answers.AddOrUpdate((await connection.ReadAsync()).Status, 1, (_, count) => count + 1);
            }
        }
    }

    private static async Task<int> GuessAsync(TestParceler parceler, int times)
    {
        var refused = 0;
        await Parallel.ForAsync(0, times, new ParallelOptions { MaxDegreeOfParallelism = 20, CancellationToken = Cancellation }, async (i, _) =>
        {
            using var connection = await RawConnection.OpenAsync(parceler.Address, "127.9.9.9");
            await connection.SendAsync($"GET /repository/enterprise/netsec/base/2.ipk HTTP/1.1\r\nHost: x\r\nAuthorization: {RawRequest.Basic($"M-{i % 500}", $"guess-{i}")}\r\n\r\n");
            var (status, head) = await connection.ReadAsync();
            status.Should().BeOneOf(403, 503);
            if (status == 503 && head.Contains("\r\nRetry-After: ", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref refused);
            }
        });
        return refused;
    }
}
