using System.Data.Common;
using Npgsql;

namespace Parceler.Database;

/// <summary>LISTEN on a connection of its own, which is opened again when it is lost: after growing waits, at random moments.</summary>
internal sealed class ListenWatch : ChangeWatch
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);
    private readonly Func<CancellationToken, Task<NpgsqlConnection>> _connect;
    private readonly Action _heard;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _listening;
    private volatile bool _isListening;

    public ListenWatch(Func<CancellationToken, Task<NpgsqlConnection>> connect, Action heard)
    {
        (_connect, _heard) = (connect, heard);
        _listening = Task.Run(KeepListeningAsync);
    }

    public override TimeSpan LookEvery => _isListening ? TimeSpan.FromSeconds(5) : TimeSpan.FromSeconds(2);

    public override async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _listening;
        _end.Dispose();
    }

    private async Task KeepListeningAsync()
    {
        var wait = s_first;
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(() => wait = s_first);
            }
            catch (Exception e) when (e is DbException or DatabaseException or IOException or InvalidOperationException)
            {
                // looks go on meanwhile; an outage is told where sessions are opened
            }
            catch (OperationCanceledException)
            {
                return;
            }

            _isListening = false;
            _heard(); // what was announced meanwhile was not heard
            await Task.Delay(ConnectAttempts.Jitter(wait), TimeProvider.System, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = wait * 2 < s_longest ? wait * 2 : s_longest;
        }
    }

    private async Task ListenAsync(Action began)
    {
        await using var connection = await _connect(_end.Token);
        connection.Notification += (_, _) => _heard();
        await using (var listen = new NpgsqlCommand($"listen {PostgresDb.Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(_end.Token);
        }

        _isListening = true;
        began();
        _heard();
        while (true)
        {
            await connection.WaitAsync(_end.Token);
        }
    }
}
