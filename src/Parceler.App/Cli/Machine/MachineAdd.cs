using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.App.Configuration;
using Parceler.Entitlements;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class MachineAdd : CliCommand
{
    private readonly Argument<SystemId> _id = MachineInputs.Id();
    private readonly Option<TierName> _tier = MachineInputs.Tier();
    private readonly Option<string?> _secret = new("--secret") { HelpName = "SECRET", Description = "Its secret; other users of this computer can see it in the list of processes" };
    private readonly Option<bool> _fromInput = new("--secret-stdin") { Description = "Read its secret from standard input, one line" };
    private readonly Option<string?> _expires = new("--expires") { HelpName = "DATE", Description = "Last day on which it is allowed, or an instant in ISO 8601" };
    private readonly Option<bool> _json = Inputs.Json();

    public MachineAdd(CliContext context)
        : base(
            context,
            "add",
            "Puts a machine on the local list of a tier, or changes its secret there; without a secret given, one is made and printed once",
            "parceler machine add 3a7f-site-12 --tier community --expires 2027-12-31"
        )
    {
        Add(_id);
        Add(_tier);
        Add(_secret);
        Add(_fromInput);
        Add(_expires);
        Add(_json);
        Validators.Add(result =>
        {
            if (result.GetValue(_secret) is not null && result.GetValue(_fromInput))
            {
                result.AddError("--secret and --secret-stdin exclude each other");
            }
        });
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (tier, id) = (parsed.GetRequiredValue(_tier), parsed.GetRequiredValue(_id));
        var given = parsed.GetValue(_fromInput) ? await Context.In.ReadLineAsync(cancellation) ?? "" : parsed.GetValue(_secret);
        await using var services = await Context.OpenAsync(cancellation);
        var settings = services.GetRequiredService<ParcelerSettings>();
        var expires = parsed.GetValue(_expires) is { } text ? Expiry.Parse(text, settings.TimeZone) : (DateTimeOffset?)null;
        var added = await services.GetRequiredService<AddMachine>().RunAsync(tier, id, given, expires, cancellation);
        if (expires <= Context.Clock.GetUtcNow())
        {
            Context.Note($"warning: --expires is in the past: {id} is refused");
        }

        Print(added, parsed.GetValue(_json));
        return ExitCodes.Done;
    }

    private void Print(MachineEntry added, bool asJson)
    {
        if (asJson)
        {
            Context.Say(JsonSerializer.Serialize(added, CliJson.Printed.MachineEntry));
            return;
        }

        Context.Say($"{added.SystemId} is on the list of {added.Tier}{(added.ExpiresAt is { } end ? $" until {Listing.Time(end)}" : "")}");
        if (added.Secret is { } secret)
        {
            Context.Say($"Its secret, shown this once: {secret}");
        }
    }
}
