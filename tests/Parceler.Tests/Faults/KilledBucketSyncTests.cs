using Parceler.Tests.Support;

namespace Parceler.Tests.Faults;

/// <summary>A process that is killed between two requests to its bucket, and begins anew.</summary>
[Collection(nameof(Alone))]
[Trait("Speed", "slow")]
public sealed class KilledBucketSyncTests : IAsyncLifetime
{
    private const int Files = 60;
    private readonly InstalledParceler _parceler = new();
    private readonly StampedRepository _repository;
    private TestBucket _bucket = null!;

    public KilledBucketSyncTests() => _repository = new(_parceler, Files);

    public async ValueTask InitializeAsync()
    {
        _bucket = await TestBucket.OpenAsync();
        foreach (var (name, value) in _bucket.Service)
        {
            _parceler.Environment[name] = value!;
        }

        _parceler.Environment["S3_DELIVERY"] = "stream";
    }

    public async ValueTask DisposeAsync()
    {
        _parceler.Dispose();
        await _bucket.DisposeAsync();
    }

    [Fact]
    public async Task A_kill_at_any_request_of_a_sync_leaves_the_old_state_or_the_new()
    {
        await _repository.CreateAsync(delay: 0);
        var service = await _parceler.StartAsync("serve");
        await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
        foreach (var (where, number, fault) in Moments())
        {
            var killed = KillAt(service, where, number, fault);
            _repository.BeginGeneration();
            await _parceler.RunAsync("repository", "sync", "demo");
            await killed.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, TestContext.Current.CancellationToken);
            await service.DisposeAsync();

            service = await _parceler.StartAsync("serve");
            await _repository.UntilServedAsync();
            await _repository.UntilIdleAsync();
            (await _repository.ServedAsync($"it was killed at {where} number {number}")).Should().Be(_repository.Generation);
            await _parceler.DoneAsync("verify");
        }

        await service.DisposeAsync();
    }

    // Before the store heard of it, and after it was done.
    private static IEnumerable<(string Where, int Number, S3Fault Fault)> Moments() =>
        [
            ("PUT /blobs/", 30, S3Fault.Cut),
            ("PUT /blobs/", Files, S3Fault.AnswerLost),
            ("GET list-type", 1, S3Fault.Cut),
            ("PUT /snapshots/", 1, S3Fault.Cut),
            ("PUT /snapshots/", 1, S3Fault.AnswerLost),
            ("PUT /repositories/", 1, S3Fault.AnswerLost),
        ];

    private Task KillAt(RunningParceler service, string where, int number, S3Fault fault)
    {
        var words = where.Split(' ');
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _bucket.Proxy.Fault = request =>
        {
            if (!request.StartsWith(words[0], StringComparison.Ordinal) || !request.Contains(words[1], StringComparison.Ordinal) || Interlocked.Decrement(ref number) != 0)
            {
                return S3Fault.None;
            }

            _bucket.Proxy.Fault = _ => S3Fault.None;
            service.KillAsync().ContinueWith(killed => over.TrySetFromTask(killed), TaskScheduler.Default);
            return fault;
        };
        return over.Task;
    }
}
