using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class TrustRemove : CliCommand
{
    private readonly Argument<RepositoryName> _name = Inputs.Name();
    private readonly Argument<string> _key = new("KEY") { Description = "Fingerprint of the key, or the name of its file" };

    public TrustRemove(CliContext context)
        : base(context, "remove", "Trusts a key no longer, from the next sync on", "parceler repository trust remove nethsecurity feed-key.pub")
    {
        Add(_name);
        Add(_key);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (name, key) = (parsed.GetRequiredValue(_name), parsed.GetRequiredValue(_key));
        await using var services = await Context.OpenAsync(cancellation);
        var left = await services.GetRequiredService<TrustKeys>().RemoveAsync(name, key, cancellation);
        Context.Say($"'{name}' no longer trusts {key}");
        if (left == 0)
        {
            Context.Note($"That was the last one: signatures of '{name}' are not looked at any more");
        }

        return ExitCodes.Done;
    }
}
