using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Feeds;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Cli;

internal sealed class RepositoryShow : CliCommand
{
    private readonly Argument<RepositoryName> _name = Inputs.Name();
    private readonly Option<bool> _json = Inputs.Json();

    public RepositoryShow(CliContext context)
        : base(context, "show", "Shows one repository: its settings, what is served and until when", "parceler repository show nethsecurity")
    {
        Add(_name);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var details = await services.GetRequiredService<ReadRepositories>().ShowAsync(parsed.GetRequiredValue(_name), Context.Warn, cancellation);
        if (parsed.GetValue(_json))
        {
            Context.Say(JsonSerializer.Serialize(details, CliJson.Printed.RepositoryDetails));
        }
        else
        {
            details.ToListing().Print(Context);
        }

        return ExitCodes.Done;
    }
}
