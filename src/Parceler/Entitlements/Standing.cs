using System.Diagnostics;

namespace Parceler.Entitlements;

/// <summary>The authority's last word on a machine.</summary>
internal enum LastWord
{
    None,
    Allowed,
    Denied,
}

/// <summary>Whether the authority is to be asked, and whether that comes first.</summary>
internal enum Asking
{
    No,

    /// <summary>The verdict is given now, and the authority is asked behind it.</summary>
    Behind,

    /// <summary>The authority is asked before a verdict is given; the verdict in hand, if any, is for when it takes too long.</summary>
    First,
}

/// <summary>What follows from a standing at an instant.</summary>
internal readonly record struct Judgement(Verdict? Verdict, Asking Asking);

/// <summary>How a machine stands with its authority: the last word, when it was given, and how long it holds.</summary>
/// <param name="AskedAt">When the last word was given.</param>
/// <param name="Until">The last word holds without asking again until then; for an allowance never beyond <paramref name="ValidUntil"/>.</param>
/// <param name="ValidUntil">The end of the subscription, where the authority tells it.</param>
internal sealed record Standing(
    MachineKey Machine,
    TierName Tier,
    LastWord Word,
    DateTimeOffset AskedAt,
    DateTimeOffset Until,
    DateTimeOffset? ValidUntil,
    string? Reason
)
{
    private const double RenewedAfter = 0.8; // of an allowance's life
    public static readonly Verdict NoAnswer = new Verdict.Unknown("the licence authority gives no answer");

    // Made once: every request of the machine gets this object.
    private readonly Verdict _whileItHolds = Word switch
    {
        LastWord.Allowed => new Verdict.Allowed(Until),
        LastWord.Denied => new Verdict.Denied(Reason ?? "the licence authority denied it"),
        _ => NoAnswer,
    };

    /// <summary>After a question without an answer: the authority is not asked again before.</summary>
    public DateTimeOffset AskNotBefore { get; init; }

    public static Standing Never(MachineKey machine, TierName tier) => new(machine, tier, LastWord.None, default, default, null, null);

    /// <summary>The standing after an answer. No answer changes nothing but when to ask again.</summary>
    public Standing After(AuthorityAnswer answer, DateTimeOffset now, TimeSpan allowedFor, TimeSpan deniedFor, TimeSpan pause) =>
        answer switch
        {
            AuthorityAnswer.Allowed(var end) => new(Machine, Tier, LastWord.Allowed, now, Earlier(now + allowedFor, end), end, null),
            AuthorityAnswer.Denied(var reason) => new(Machine, Tier, LastWord.Denied, now, now + deniedFor, null, reason),
            AuthorityAnswer.None => this with { AskNotBefore = now + pause },
            _ => throw new UnreachableException(),
        };

    /// <summary>The rule: what the machine gets at <paramref name="now"/>, and whether its authority is to be asked.</summary>
    public Judgement At(DateTimeOffset now, TimeSpan outageGrace)
    {
        var mayAsk = now >= AskNotBefore;
        if (Word is not LastWord.None && now < Until)
        {
            var renew = Word is LastWord.Allowed && mayAsk && now >= AskedAt + ((Until - AskedAt) * RenewedAfter);
            return new(_whileItHolds, renew ? Asking.Behind : Asking.No);
        }

        var fallback = Word is LastWord.Allowed && now < Earlier(AskedAt + outageGrace, ValidUntil) ? Lean(outageGrace) : null;
        return mayAsk ? new(fallback, Asking.First) : new(fallback ?? NoAnswer, Asking.No);
    }

    private Verdict.Allowed Lean(TimeSpan outageGrace) => new Verdict.Allowed(Earlier(AskedAt + outageGrace, ValidUntil));

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset? b) => b is { } other && other < a ? other : a;
}
