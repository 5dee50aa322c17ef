using Microsoft.Extensions.Time.Testing;
using Parceler.Storage;
using Parceler.Tests.Support;

namespace Parceler.Tests.Storage;

public class StoreIdentityTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Processes_that_start_at_once_on_a_new_store_agree_on_what_it_is()
    {
        using var database = await TestDatabase.MakeAsync();
        using var folder = new TempFolder();
        await database.Open(folder["database.sqlite"]).MigrateAsync(Cancellation);

        await Parallel.ForAsync(0, 12, new ParallelOptions { MaxDegreeOfParallelism = 12, CancellationToken = Cancellation }, async (_, _) => await Process().EstablishAsync(Cancellation));

        await Process().CheckAsync(Cancellation);

        StoreIdentity Process() => new(database.Open(folder["database.sqlite"]), new LocalDisk(new WorkFolder(folder["storage"])), new FakeTimeProvider());
    }
}
