using Microsoft.Extensions.Logging;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Delivery;

/// <summary>Builds what machines see of all repositories.</summary>
internal sealed partial class BuildDeliveryMap(RepositoryCatalog repositories, BuildServedRepository build, ILogger<BuildDeliveryMap> log)
{
    private volatile bool _isIncomplete;

    /// <summary>Whether something could not be read at the last time, and was left as it was.</summary>
    public bool IsIncomplete => _isIncomplete;

    /// <summary>Not to be called twice at once.</summary>
    public async Task<List<ServedRepository>> RunAsync(DeliveryMap before, CancellationToken cancellation)
    {
        var served = new List<ServedRepository>();
        var failed = false;
        foreach (var repository in await repositories.ListAsync(cancellation))
        {
            var built = await BuildAsync(repository, before, cancellation);
            failed |= built is null;
            served.Add(built ?? Unchanged(repository, before));
        }

        _isIncomplete = build.TakeLeftUnread() | failed;
        return served;
    }

    // Null when the storage can't be read.
    private async Task<ServedRepository?> BuildAsync(Repository repository, DeliveryMap map, CancellationToken cancellation)
    {
        map.TryFind(repository.Name.ToString(), out var before);
        try
        {
            return await build.RunAsync(repository, before, cancellation);
        }
        catch (Exception e) when (e is WrongStoreException or IOException or UnauthorizedAccessException)
        {
            StorageFailed(log, repository.Name, e.Message);
            return null;
        }
    }

    private static ServedRepository Unchanged(Repository repository, DeliveryMap map) =>
        map.TryFind(repository.Name.ToString(), out var before) ? before : new(repository.Id, repository.Name.ToString(), null, []);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The storage can't be read, {Repository} stays served as it was: {Problem}")]
    private static partial void StorageFailed(ILogger log, RepositoryName repository, string problem);
}
