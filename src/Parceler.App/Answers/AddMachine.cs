using System.Security.Cryptography;
using Parceler.App.Configuration;
using Parceler.Entitlements;
using Parceler.Repositories;

namespace Parceler.App.Answers;

/// <summary>Puts a machine on the local list of a tier that there is, with a secret of its own where none was given.</summary>
internal sealed class AddMachine(ParcelerSettings settings, LocalMachines machines)
{
    /// <returns>The machine; its secret only where it was made here.</returns>
    /// <exception cref="RefusedException"/>
    public async Task<MachineEntry> RunAsync(TierName tier, SystemId id, string? given, DateTimeOffset? expires, CancellationToken cancellation)
    {
        if (given is not null && (given.Length == 0 || given.Any(char.IsControl)))
        {
            throw new InvalidSettingException("The secret is empty, or holds control characters");
        }

        RefuseUnknown(tier);
        var secret = given ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await machines.AddAsync(tier, id, secret, expires, cancellation);
        return new(tier.ToString(), id.ToString(), expires, null, given is null ? secret : null);
    }

    private void RefuseUnknown(TierName tier)
    {
        if (!settings.Tiers.Any(known => known.Name == tier))
        {
            var names = string.Join(", ", settings.Tiers.Select(known => known.Name));
            throw new AbsentException($"There is no tier '{tier}'; there are: {names}. A new one with a list of its own: TIERS__{tier}__Kind=local");
        }
    }
}
