using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Parceler.Netify;

/// <summary>
/// Answers from memory while an answer is fresh. Then one refresh, whoever asks and on however many web servers; who asks meanwhile waits
/// for it, shortly where an earlier answer still holds. After a failure upstream is left alone for a while.
/// </summary>
internal sealed partial class NetifyCache(NetifyStore store, TimeProvider clock, ILogger<NetifyCache> log) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20); // of who has no earlier answer
    private static readonly TimeSpan s_shortly = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60); // all of a refresh
    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ending = new();

    /// <summary>The answer; null when upstream gives none and no earlier one holds.</summary>
    public ValueTask<NetifyAnswer?> FindAsync(NetifySource source, CancellationToken cancellation)
    {
        var kept = _kept.GetOrAdd(source.Name, static _ => new());
        var now = clock.GetUtcNow();
        return kept.Answer is { } answer && (answer.IsFreshAt(now) || (answer.IsValidAt(now) && now < kept.AskAfter))
            ? ValueTask.FromResult<NetifyAnswer?>(answer)
            : now < kept.AskAfter ? ValueTask.FromResult<NetifyAnswer?>(null) : new(WaitAsync(kept, source, cancellation));
    }

    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
    }

    private async Task<NetifyAnswer?> WaitAsync(Kept kept, NetifySource source, CancellationToken cancellation)
    {
        var before = kept.Answer is { } known && known.IsValidAt(clock.GetUtcNow()) ? known : null;
        try
        {
            var patience = before is null ? s_patience : kept.IsFailing ? TimeSpan.Zero : s_shortly;
            await RefreshOf(kept, source).WaitAsync(patience, TimeProvider.System, cancellation);
        }
        catch (TimeoutException)
        {
            return before; // the refresh goes on for those who ask later
        }

        return kept.Answer is { } answer && answer.IsValidAt(clock.GetUtcNow()) ? answer : null;
    }

    private Task RefreshOf(Kept kept, NetifySource source)
    {
        lock (kept)
        {
            return kept.Refresh is { IsCompleted: false } running ? running : kept.Refresh = Task.Run(() => RefreshAsync(kept, source));
        }
    }

    private async Task RefreshAsync(Kept kept, NetifySource source)
    {
        try
        {
            using var late = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
            late.CancelAfter(s_longest);
            kept.Answer = await FreshAsync(kept, source, late.Token);
            if (kept.IsFailing)
            {
                Back(log, source.Name);
            }

            kept.IsFailing = false;
        }
        catch (Exception e) when (!_ending.IsCancellationRequested)
        {
            kept.AskAfter = clock.GetUtcNow() + (s_pause * (0.5 + Random.Shared.NextDouble()));
            if (!kept.IsFailing)
            {
                Failing(log, source.Name, e is OperationCanceledException ? "no answer in time" : e.Message);
            }

            kept.IsFailing = true;
        }
        catch (OperationCanceledException)
        {
            // the service ends
        }
    }

    private async Task<NetifyAnswer> FreshAsync(Kept kept, NetifySource source, CancellationToken cancellation)
    {
        if (await StoredAsync(kept, source, cancellation) is { } fresh)
        {
            return fresh;
        }

        using var mine = await store.LockAsync(source.Name, cancellation);
        if (await StoredAsync(kept, source, cancellation) is { } asked) // by another web server, meanwhile
        {
            return asked;
        }

        var answer = await source.FetchAsync(cancellation);
        kept.Answer = answer; // good, also when the database does not take it
        await store.KeepAsync(source.Name, answer, cancellation);
        return answer;
    }

    // What is not fresh any more is remembered all the same: for when upstream does not answer.
    private async Task<NetifyAnswer?> StoredAsync(Kept kept, NetifySource source, CancellationToken cancellation)
    {
        var stored = await store.FindAsync(source.Name, cancellation);
        kept.Answer = stored ?? kept.Answer;
        return stored is not null && stored.IsFreshAt(clock.GetUtcNow()) ? stored : null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Netify gives no answer for '{Name}': {Reason}. The last one is given out while it is valid")]
    private static partial void Failing(ILogger log, string name, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Netify answers for '{Name}' again")]
    private static partial void Back(ILogger log, string name);

    private sealed class Kept
    {
        private volatile NetifyAnswer? _answer;
        private volatile bool _isFailing;
        private long _askAfter;

        public NetifyAnswer? Answer
        {
            get => _answer;
            set => _answer = value;
        }

        public DateTimeOffset AskAfter
        {
            get => new(Interlocked.Read(ref _askAfter), TimeSpan.Zero);
            set => Interlocked.Exchange(ref _askAfter, value.UtcTicks);
        }

        public Task? Refresh { get; set; }

        public bool IsFailing
        {
            get => _isFailing;
            set => _isFailing = value;
        }
    }
}
