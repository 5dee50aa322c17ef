using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class TrustAdd : CliCommand
{
    private readonly Argument<RepositoryName> _name = Inputs.Name();
    private readonly Argument<string[]> _files = new("KEYFILE") { Description = "Public keys: of usign or signify (opkg), in PEM (apk), or of OpenPGP (apt, rpm)", Arity = ArgumentArity.OneOrMore };

    public TrustAdd(CliContext context)
        : base(
            context,
            "add",
            "Trusts a key: from the next sync on, each package index has to be signed by one of the repository's keys",
            "parceler repository trust add nethsecurity feed-key.pub"
        )
    {
        Add(_name);
        Add(_files);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var name = parsed.GetRequiredValue(_name);
        var keys = await KeyFiles.ReadAllAsync(parsed.GetRequiredValue(_files), cancellation);
        await using var services = await Context.OpenAsync(cancellation);
        await services.GetRequiredService<TrustKeys>().AddAsync(name, keys, cancellation);
        keys.ForEach(key => Context.Say($"'{name}' trusts {key.Name}, {key.Fingerprint}"));
        return ExitCodes.Done;
    }
}
