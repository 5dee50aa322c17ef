using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Parceler.Database;

namespace Parceler.Entitlements;

/// <summary>
/// Decides whether a machine is entitled to a tier. <see cref="TryDecide"/> answers from memory, for nearly every request;
/// <see cref="DecideAsync"/> asks, for the rest. A verdict concerns one set of credentials in one tier and no other.
/// </summary>
internal sealed class EntitlementCheck : IDisposable
{
    private static readonly Verdict NotListed = new Verdict.Denied("it is not listed");
    private static readonly Verdict NoToken = new Verdict.Denied("the secret is no token");
    private static readonly Verdict TooManyQuestions = new Verdict.Busy("too many questions are waiting for the licence authority");
    private readonly LicenceAuthority _authority;
    private readonly VerdictCache _cache;
    private readonly AuthorityCalls _calls;
    private readonly TimeProvider _clock;
    private readonly MachineKeyRing _keys;
    private readonly KnownCredentials _known;
    private readonly LocalMachines _local;
    private readonly SecretChecks _secrets;
    private readonly Guesses _guesses;
    private readonly EntitlementOptions _options;
    private readonly VerdictStore _store;
    private readonly Dictionary<TierName, Tier> _tiers;

    public EntitlementCheck(EntitlementOptions options, ParcelerDb db, LocalMachines local, TimeProvider clock, ILoggerFactory logs, RedisVerdicts? redis = null)
    {
        _options = options;
        _local = local;
        _clock = clock;
        _tiers = options.Tiers.ToDictionary(tier => tier.Name);
        _keys = new(options.AppKeys);
        _known = new(options.MaxMachines);
        _cache = new(options.MaxMachines);
        _store = new(db, options, clock, logs.CreateLogger<VerdictStore>());
        _authority = new(options, clock, logs.CreateLogger<LicenceAuthority>());
        _guesses = new(options.Guesses, clock);
        _secrets = new(_guesses, clock);
        Exchange = new(_store, redis, logs.CreateLogger<VerdictExchange>());
        _calls = new(_authority, _cache, _store, Exchange, _guesses, options, clock);
    }

    public IReadOnlyCollection<Tier> Tiers => _tiers.Values;

    public Tier? FindTier(TierName name) => _tiers.GetValueOrDefault(name);

    /// <summary>What the web servers tell each other.</summary>
    public VerdictExchange Exchange { get; }

    /// <summary>How many machines memory holds a verdict of.</summary>
    public int Remembered => _cache.Count;

    /// <summary>How many machines an authority is being asked about.</summary>
    public int Questions => _calls.Count;

    public IEnumerable<AuthorityState> Authorities => _authority.States;

    /// <summary>The credentials in the value of an <c>Authorization</c> header; null when it is none, or malformed.</summary>
    public Credentials? Recognise(string? header) => header is null ? null : _known.Find(header) ?? Credentials.Parse(header);

    /// <summary>What stands for the machine in leases and limits.</summary>
    public MachineKey KeyOf(Tier tier, Credentials credentials) => credentials.KeyIn(tier, _keys);

    /// <summary>Takes over what is stored and follows what other processes change. Once, before the first request.</summary>
    public async Task StartAsync(ChangeFeed feed, CancellationToken cancellation)
    {
        await _local.LoadAsync(cancellation);
        foreach (var standing in await _store.LoadAsync(_options.MaxMachines, cancellation))
        {
            _cache.Put(standing);
        }

        feed.Subscribe(Topics.Machines, _local.LoadAsync);
        feed.Subscribe(Topics.Verdicts, TakeDenialsAsync);
    }

    /// <summary>Keeps the verdicts in the database, until cancelled, and what is left then.</summary>
    public Task RunAsync(CancellationToken cancellation) => _store.RunAsync(cancellation);

    /// <summary>Waits for the questions under way and writes their verdicts to the database.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        await _calls.WhenQuietAsync(cancellation);
        await _store.FlushAsync(cancellation);
    }

    /// <summary>Decides without waiting, if memory knows the answer.</summary>
    public bool TryDecide(Tier tier, Credentials credentials, DateTimeOffset now, [NotNullWhen(true)] out Verdict? verdict)
    {
        var key = KeyOf(tier, credentials);
        verdict = WithoutAuthority(tier, credentials, key, now, out var listed);
        if (verdict is null && listed is null && _cache.Find(key)?.At(now, _options.OutageGrace) is { Asking: not Asking.First } judgement)
        {
            verdict = judgement.Verdict!;
            if (judgement.Asking is Asking.Behind)
            {
                _calls.Ask(key, tier, credentials, from: default, isUrgent: false);
            }
        }

        if (verdict is Verdict.Allowed && !credentials.IsKnown)
        {
            _known.Remember(key, credentials);
        }

        return verdict is not null;
    }

    /// <summary>Decides in any case, within the time that a client waits. Leaving early leaves the question to the others.</summary>
    public ValueTask<Verdict> DecideAsync(Tier tier, Credentials credentials, AddressBlock from, CancellationToken cancellation) =>
        TryDecide(tier, credentials, _clock.GetUtcNow(), out var verdict) ? ValueTask.FromResult(verdict)
        : _local.Find(tier.Name, credentials.Id) is { } listed ? new(_secrets.LookAsync(listed, KeyOf(tier, credentials), tier, credentials, from).WaitAsync(cancellation))
        : new(AskAsync(tier, credentials, from, cancellation));

    public void Dispose()
    {
        _calls.Dispose();
        _authority.Dispose();
        _store.Dispose();
    }

    // The list alone decides about who is on it, in every kind of tier.
    private Verdict? WithoutAuthority(Tier tier, Credentials credentials, MachineKey key, DateTimeOffset now, out LocalMachine? listed)
    {
        listed = _local.Find(tier.Name, credentials.Id);
        return listed is not null ? listed.Judge(key, now)
            : tier.Kind is TierKind.Local ? NotListed
            : AuthorityRequest.CanAsk(tier, credentials) ? null
            : NoToken;
    }

    private async Task<Verdict> AskAsync(Tier tier, Credentials credentials, AddressBlock from, CancellationToken cancellation)
    {
        var key = KeyOf(tier, credentials);
        var before = (_cache.Find(key) ?? TakeFromPreviousKey(key, tier, credentials))?.At(_clock.GetUtcNow(), _options.OutageGrace);
        if (before is { Asking: not Asking.First, Verdict: { } known })
        {
            return known;
        }

        var fallback = before?.Verdict;
        if (fallback is null && _guesses.AreTooMany(tier, credentials.Id, from, tier.Kind is not TierKind.Token))
        {
            return SecretChecks.TooManyGuesses;
        }

        var call = _calls.Ask(key, tier, credentials, from, isUrgent: fallback is null);
        try
        {
            var after = await call.Answer.WaitAsync(fallback is null ? _options.Limits.Request : LeftOf(call), TimeProvider.System, cancellation);
            return after is null ? fallback ?? TooManyQuestions : after.At(_clock.GetUtcNow(), _options.OutageGrace).Verdict ?? Standing.NoAnswer;
        }
        catch (TimeoutException)
        {
            return fallback ?? (call.IsAsked ? Standing.NoAnswer : TooManyQuestions); // the question goes on and sets things right for the next request
        }
    }

    private TimeSpan LeftOf(AuthorityCall call)
    {
        var left = _options.Limits.WithAllowance - TimeProvider.System.GetElapsedTime(call.Since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private Standing? TakeFromPreviousKey(MachineKey key, Tier tier, Credentials credentials)
    {
        foreach (var previous in _keys.Previous(tier, credentials))
        {
            if (_cache.Find(previous) is { } standing)
            {
                var moved = standing with { Machine = key };
                _cache.Remove(previous);
                _cache.Put(moved);
                _store.Forget(previous);
                _store.Keep(moved);
                return moved;
            }
        }

        return null;
    }

    private async Task TakeDenialsAsync(CancellationToken cancellation)
    {
        foreach (var denial in await _store.LoadDenialsAsync(cancellation))
        {
            _cache.Deny(denial);
        }
    }
}
