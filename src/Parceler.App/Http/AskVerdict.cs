using Parceler.Delivery;
using Parceler.Entitlements;

namespace Parceler.App.Http;

/// <summary>Waits for the verdict on a machine that memory does not know, as one of the requests that take their time.</summary>
internal sealed class AskVerdict(EntitlementCheck entitlement, LongRequests requests)
{
    private static readonly Verdict s_tooManyRequests = new Verdict.Busy("the machine has too many requests under way, or all together have");

    public async ValueTask<Verdict> RunAsync(HttpContext http, Tier tier, Credentials credentials)
    {
        var machine = entitlement.KeyOf(tier, credentials);
        if (!requests.TryEnter(machine))
        {
            return s_tooManyRequests;
        }

        try
        {
            return await entitlement.DecideAsync(tier, credentials, AddressBlock.Of(http.Connection.RemoteIpAddress), http.RequestAborted);
        }
        finally
        {
            requests.Leave(machine);
        }
    }
}
