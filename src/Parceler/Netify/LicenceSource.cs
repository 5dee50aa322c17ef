using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Parceler.Netify;

/// <summary>The licence of one label: made when it is missing, and renewed before it ends.</summary>
internal sealed partial class LicenceSource(NetifyClient client, string label, TimeProvider clock, ILogger log) : NetifySource($"licence {label}")
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromHours(1);

    public override async Task<NetifyAnswer> FetchAsync(CancellationToken cancellation)
    {
        var licence = await StepAsync(LicenceRule.Of(label, await client.ListAsync(cancellation)), cancellation);
        var now = clock.GetUtcNow();
        return licence.IsValidAt(now) ? new(licence.Content, now + s_fresh, licence.Ends) : throw new NetifyException($"the licence ended on {licence.Ends:yyyy-MM-dd}");
    }

    private async Task<NetifyLicence> StepAsync(NetifyLicence? licence, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        switch (LicenceRule.Next(licence, now))
        {
            case LicenceStep.Keep:
                return licence!;
            case LicenceStep.Create:
                return Told(await client.CreateAsync(label, cancellation), "made");
            case LicenceStep.Recreate:
                await client.DeleteAsync(licence!, cancellation);
                return Told(await client.CreateAsync(label, cancellation), "made anew, with all entitlements");
            case LicenceStep.Renew:
                return await RenewAsync(licence!, now, cancellation);
            default:
                throw new UnreachableException();
        }
    }

    // There are days left: until then another try may do.
    private async Task<NetifyLicence> RenewAsync(NetifyLicence licence, DateTimeOffset now, CancellationToken cancellation)
    {
        try
        {
            return Told(await client.RenewAsync(licence, LicenceRule.RenewedUntil(now), cancellation), "renewed");
        }
        catch (NetifyException e) when (licence.IsValidAt(now))
        {
            NotRenewed(log, label, licence.Ends, e.Message);
            return licence;
        }
    }

    private NetifyLicence Told(NetifyLicence licence, string what)
    {
        Changed(log, label, what, licence.Ends);
        return licence;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The Netify licence '{Label}' was {What}: it ends on {Ends:yyyy-MM-dd}")]
    private static partial void Changed(ILogger log, string label, string what, DateTimeOffset ends);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The Netify licence '{Label}' ends on {Ends:yyyy-MM-dd} and could not be renewed: {Reason}")]
    private static partial void NotRenewed(ILogger log, string label, DateTimeOffset ends, string reason);
}
