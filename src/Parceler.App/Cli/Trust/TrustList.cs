using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Feeds;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class TrustList : CliCommand
{
    private readonly Argument<RepositoryName> _name = Inputs.Name();
    private readonly Option<bool> _json = Inputs.Json();

    public TrustList(CliContext context)
        : base(context, "list", "Lists the keys that a repository's package indexes may be signed with: file, kind, fingerprints", "parceler repository trust list nethsecurity")
    {
        Add(_name);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var repository = await services.GetRequiredService<RepositoryCatalog>().GetAsync(parsed.GetRequiredValue(_name), cancellation);
        var entries = repository.Trust.Select(TrustKeys.EntryOf).ToList();
        if (parsed.GetValue(_json))
        {
            await Listing.PrintJsonAsync(Context, entries, CliJson.Printed.TrustedKeyEntry, cancellation);
            return ExitCodes.Done;
        }

        var listing = new Listing("File", "Kind", "Fingerprints");
        entries.ForEach(entry => listing.Add(entry.Name, entry.Kind, string.Join(' ', entry.Fingerprints)));
        listing.Print(Context);
        if (entries.Count == 0)
        {
            Context.Note($"'{repository.Name}' trusts no key: its signatures are not looked at. Add one with: parceler repository trust add {repository.Name} KEYFILE");
        }

        return ExitCodes.Done;
    }
}
