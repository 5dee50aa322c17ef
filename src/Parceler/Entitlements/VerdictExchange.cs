using System.Data.Common;
using Microsoft.Extensions.Logging;

namespace Parceler.Entitlements;

/// <summary>
/// What other web servers heard of an authority: each question is looked for here first, so that a machine costs one call, at whichever
/// server it asks. Through Redis where there is one, else through the database. What fails here costs a call more, and nothing else.
/// </summary>
internal sealed partial class VerdictExchange(VerdictStore store, RedisVerdicts? redis, ILogger log)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500); // a call to the authority takes no longer
    private readonly Way _redis = new("Redis");
    private readonly Way _database = new("the database");

    /// <summary>Whether machines may ask another web server, too.</summary>
    public Func<bool> HasOthers { get; set; } = () => false;

    /// <returns>Null when nobody said what he heard.</returns>
    public async Task<Standing?> FindAsync(MachineKey machine, CancellationToken cancellation) =>
        redis is not null && await TryAsync(_redis, () => redis.FindAsync(machine), cancellation) is (true, var found) ? found
        : HasOthers() ? (await TryAsync(_database, () => store.FindAsync(machine, cancellation), cancellation)).Result
        : null;

    /// <summary>Tells the others, before the machine is answered: its next request may come to one of them.</summary>
    public async Task TellAsync(Standing standing, CancellationToken cancellation)
    {
        if (redis is not null && (await TryAsync(_redis, () => redis.KeepAsync(standing), cancellation)).Worked)
        {
            return;
        }

        if (HasOthers() && standing.Word is LastWord.Allowed)
        {
            await TryAsync(_database, () => store.WrittenAsync(cancellation), cancellation);
        }
    }

    private async Task<(bool Worked, T? Result)> TryAsync<T>(Way way, Func<Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            var result = await work().WaitAsync(s_patience, TimeProvider.System, cancellation);
            way.IsFailing = false;
            return (true, result);
        }
        catch (Exception e) when (e is TimeoutException or DbException or IOException or StackExchange.Redis.RedisException)
        {
            if (!way.IsFailing)
            {
                way.IsFailing = true;
                NotShared(log, way.Name, e.Message.Split([';', '\n'])[0]); // the client library tells its whole state
            }

            return (false, default);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Verdicts can't be shared with the other web servers in {Way}; machines may cost a call for each server: {Problem}")]
    private static partial void NotShared(ILogger log, string way, string problem);

    private sealed class Way(string name)
    {
        public string Name => name;

        public volatile bool IsFailing;
    }
}
