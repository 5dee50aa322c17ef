using Microsoft.Extensions.Logging.Abstractions;
using Parceler.Jobs;
using Parceler.Tests.Support;

namespace Parceler.Tests.Jobs;

/// <summary>A queue on a database of its own, with a worker whose one handler does what the test says.</summary>
internal sealed class TestQueue : IAsyncDisposable
{
    private TestQueue(TestStore store)
    {
        Store = store;
        Queue = new(store.Db, store.Feed, store.Clock);
        Claims = new(store.Db, store.Clock);
        Register = new(store.Db, store.Clock);
        Worker = new(store.Db, Claims, Register, store.Feed, store.Clock, NullLogger<Worker>.Instance, [new Handler(this)], () => IsPaused);
    }

    public TestStore Store { get; }
    public JobQueue Queue { get; }
    public JobClaims Claims { get; }
    public WorkerRegister Register { get; }
    public Worker Worker { get; }
    public bool IsPaused { get; set; }
    public List<string> Ran { get; } = [];
    public Func<JobRun, CancellationToken, Task<string>> Work { get; set; } = (_, _) => Task.FromResult("{}");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<TestQueue> OpenAsync() => new(await TestStore.OpenAsync());

    public static JobRequest Sync(string subject) => new("test", subject, "{}");

    public Task<long> AskAsync(string subject) => Queue.EnqueueAsync(Sync(subject), Cancellation);

    public async Task<Job> FindAsync(long id) => (await Queue.FindAsync(id, Cancellation))!;

    public Task<int> RunDueAsync() => Worker.RunDueAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        Worker.Dispose();
        await Store.DisposeAsync();
    }

    private sealed class Handler(TestQueue queue) : JobHandler
    {
        public override string Kind => "test";

        public override Task<string> RunAsync(JobRun run, CancellationToken cancellation)
        {
            queue.Ran.Add(run.Job.Subject);
            return queue.Work(run, cancellation);
        }
    }
}
