using Microsoft.Extensions.Logging;

namespace Parceler.Entitlements;

/// <summary>Says in the log when an authority goes down and when it is back: once each, however many machines ask meanwhile.</summary>
internal sealed partial class AuthorityHealth(TierName tier, ILogger log)
{
    private const int DownAfter = 3; // in a row: a single lost answer is no news
    private readonly Lock _gate = new();
    private int _missing;

    public bool IsUp
    {
        get
        {
            lock (_gate)
            {
                return _missing < DownAfter;
            }
        }
    }

    public void Saw(AuthorityAnswer answer)
    {
        lock (_gate)
        {
            switch (answer)
            {
                case AuthorityAnswer.None { IsOutage: true, Reason: var reason }:
                    Missing(reason);
                    break;
                case AuthorityAnswer.Allowed or AuthorityAnswer.Denied:
                    Answered();
                    break;
            }
        }
    }

    private void Missing(string reason)
    {
        _missing = Math.Min(_missing + 1, DownAfter + 1);
        if (_missing == DownAfter)
        {
            Down(log, tier, reason);
        }
    }

    private void Answered()
    {
        if (_missing >= DownAfter)
        {
            Up(log, tier);
        }

        _missing = 0;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The licence authority of tier {Tier} gives no answer ({Reason}); machines that were allowed before stay allowed for the outage grace")]
    private static partial void Down(ILogger log, TierName tier, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The licence authority of tier {Tier} answers again")]
    private static partial void Up(ILogger log, TierName tier);
}
