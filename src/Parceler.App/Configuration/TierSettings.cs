using System.Globalization;
using Microsoft.Extensions.Configuration;
using Parceler.Entitlements;

namespace Parceler.App.Configuration;

/// <summary>Reads <c>TIERS__name__Kind</c>, <c>__Endpoint</c> and <c>__Ttl</c>; the two tiers of the first users stand without any.</summary>
internal sealed class TierSettings(IConfiguration configuration, List<string> faults)
{
    public List<Tier> Read()
    {
        var tiers = new List<Tier>
        {
            Tier.Enterprise(Endpoint("ENTERPRISE_ENDPOINT", configuration["ENTERPRISE_ENDPOINT"]) ?? new("https://my.nethesis.it/auth")),
            Tier.Community(Endpoint("COMMUNITY_ENDPOINT", configuration["COMMUNITY_ENDPOINT"]) ?? new("https://my.nethserver.com/api/machine/info")),
        };
        foreach (var section in configuration.GetSection("TIERS").GetChildren())
        {
            if (ReadOne(section, tiers) is { } tier)
            {
                tiers.RemoveAll(t => t.Name == tier.Name);
                tiers.Add(tier);
            }
        }

        return tiers;
    }

    private Tier? ReadOne(IConfigurationSection section, List<Tier> standing)
    {
        var prefix = $"TIERS__{section.Key}__";
        if (!TierName.TryParse(section.Key.ToLowerInvariant(), null, out var name))
        {
            faults.Add($"TIERS__{section.Key}: no name of a tier: 1 to 32 letters, digits, '_' and '-'");
            return null;
        }

        var known = standing.Find(t => t.Name == name);
        if (KindOf(section["Kind"], known?.Kind) is not { } kind)
        {
            faults.Add($"{prefix}Kind: '{section["Kind"]}' is none of: basic, token, local");
            return null;
        }

        var endpoint = Endpoint(prefix + "Endpoint", section["Endpoint"]) ?? known?.Endpoint;
        if (kind is not TierKind.Local && endpoint is null && string.IsNullOrWhiteSpace(section["Endpoint"]))
        {
            faults.Add($"{prefix}Endpoint: missing; a tier of this kind asks a licence authority");
        }

        return new(name, kind, kind is TierKind.Local ? null : endpoint, Ttl(prefix + "Ttl", section["Ttl"]) ?? known?.Ttl ?? TimeSpan.FromDays(1));
    }

    private static TierKind? KindOf(string? text, TierKind? known) =>
        text?.Trim().ToLowerInvariant() switch
        {
            null => known,
            "basic" => TierKind.Basic,
            "token" => TierKind.Token,
            "local" => TierKind.Local,
            _ => null,
        };

    private Uri? Endpoint(string name, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return url;
        }

        faults.Add($"{name}: '{text}' is no http or https address");
        return null;
    }

    // Seconds, or a time such as 1.00:00:00.
    private TimeSpan? Ttl(string name, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var isSeconds = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 366L * 86_400;
        if (isSeconds || TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _))
        {
            var ttl = isSeconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.Parse(text, CultureInfo.InvariantCulture);
            if (ttl > TimeSpan.Zero)
            {
                return ttl;
            }
        }

        faults.Add($"{name}: '{text}' is neither seconds nor a time such as 1.00:00:00 (a day)");
        return null;
    }
}
