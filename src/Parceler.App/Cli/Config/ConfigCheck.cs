using System.CommandLine;
using System.Text.Json;

namespace Parceler.App.Cli;

internal sealed class ConfigCheck : CliCommand
{
    private readonly Option<bool> _json = Inputs.Json();

    public ConfigCheck(CliContext context)
        : base(context, "check", "Prints every fault of the configuration (exit status 2), or the configuration in effect, without secrets", "parceler config check") => Add(_json);

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var effective = new EffectiveSettings(Context.ReadSettings(opensFiles: true)).List();
        if (parsed.GetValue(_json))
        {
            Context.Say(JsonSerializer.Serialize(new Dictionary<string, string>(effective), CliJson.Printed.DictionaryStringString));
            return Task.FromResult(ExitCodes.Done);
        }

        var listing = new Listing("Setting", "Value");
        effective.ForEach(setting => listing.Add(setting.Key, setting.Value));
        listing.Print(Context);
        return Task.FromResult(ExitCodes.Done);
    }
}
