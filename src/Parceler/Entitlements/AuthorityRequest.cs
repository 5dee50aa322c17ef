using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace Parceler.Entitlements;

/// <summary>How an authority is asked for a machine.</summary>
internal static class AuthorityRequest
{
    /// <summary>False when the credentials can't be entitled in the tier, whatever the authority would say.</summary>
    public static bool CanAsk(Tier tier, Credentials credentials) => tier.Kind is not TierKind.Token || IsToken(credentials.Secret);

    public static HttpRequestMessage Of(Tier tier, Credentials credentials)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, tier.Endpoint);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Authorization = tier.Kind switch
        {
            TierKind.Basic => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.Id}:{credentials.Secret}"))),
            TierKind.Token => new("token", credentials.Secret),
            _ => throw new UnreachableException($"The tier {tier.Name} has no authority"),
        };
        return request;
    }

    // Visible ASCII only. Blanks at the ends would get lost on the way: one token would then be many machines.
    private static bool IsToken(string secret) => secret.Length > 0 && !secret.AsSpan().ContainsAnyExceptInRange('!', '~');
}
