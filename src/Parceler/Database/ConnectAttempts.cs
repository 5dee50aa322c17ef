using Microsoft.Extensions.Logging;

namespace Parceler.Database;

/// <summary>
/// Spaces the attempts to connect while a server is away: one at a time for the whole process, later and later, at random moments, so
/// that many nodes make no storm. Who asks in between is told of the last failure at once.
/// </summary>
internal sealed partial class ConnectAttempts(TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private DateTimeOffset? _awaySince;
    private bool _wasThere;
    private DatabaseException? _failure;
    private TimeSpan _wait;
    private DateTimeOffset _nextAt;
    private bool _isTrying;

    /// <exception cref="DatabaseException">What <paramref name="connect"/> threw, now or the last time.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> connect)
    {
        var isProbe = Enter();
        try
        {
            var connected = await connect();
            Succeeded();
            return connected;
        }
        catch (DatabaseException e)
        {
            Failed(e);
            throw;
        }
        finally
        {
            Leave(isProbe);
        }
    }

    /// <summary>A wait around <paramref name="middle"/>: from half of it to half as much again.</summary>
    public static TimeSpan Jitter(TimeSpan middle) => middle * (0.5 + Random.Shared.NextDouble());

    private bool Enter()
    {
        lock (_gate)
        {
            if (_failure is null)
            {
                return false;
            }

            if (_isTrying || clock.GetUtcNow() < _nextAt)
            {
                throw _failure.Again();
            }

            return _isTrying = true;
        }
    }

    private void Succeeded()
    {
        lock (_gate)
        {
            (_failure, _wait, _wasThere) = (null, TimeSpan.Zero, true);
            if (_awaySince is { } since)
            {
                _awaySince = null;
                Back(log, (long)(clock.GetUtcNow() - since).TotalSeconds);
            }
        }
    }

    private void Failed(DatabaseException failure)
    {
        lock (_gate)
        {
            _failure = failure;
            if (_wasThere && _awaySince is null) // else it is the start that fails, and says so
            {
                _awaySince = clock.GetUtcNow();
                Away(log, failure.Message);
            }

            if (clock.GetUtcNow() >= _nextAt) // else one of several that were under way
            {
                _wait = _wait == TimeSpan.Zero ? s_first : TimeSpan.FromTicks(Math.Min(_wait.Ticks * 2, s_longest.Ticks));
                _nextAt = clock.GetUtcNow() + Jitter(_wait);
            }
        }
    }

    private void Leave(bool isProbe)
    {
        lock (_gate)
        {
            _isTrying &= !isProbe;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Problem} - what is in memory is served on; it is tried again until the database is back")]
    private static partial void Away(ILogger log, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database is back after {Seconds} s")]
    private static partial void Back(ILogger log, long seconds);
}
