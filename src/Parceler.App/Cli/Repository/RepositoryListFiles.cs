using System.CommandLine;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.App.Cli;

internal sealed class RepositoryListFiles : CliCommand
{
    private readonly Argument<RepositoryName> _name = Inputs.Name();

    private readonly Argument<string?> _path = new("PATH")
    {
        Description = "source/NAME/..., snapshots/NAME/INSTANT/..., or '.' for everything; without it, what machines get now",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _json = Inputs.Json();

    public RepositoryListFiles(CliContext context)
        : base(context, "files", "Lists the files of a repository, or of a part of the storage disk, one path a line", "parceler repository files nethsecurity . | grep dnsmasq")
    {
        Add(_name);
        Add(_path);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var repository = await services.GetRequiredService<RepositoryCatalog>().GetAsync(parsed.GetRequiredValue(_name), cancellation);
        var status = ExitCodes.Done;
        var files = parsed.GetValue(_path) is { } path
            ? new DiskView(services.GetRequiredService<DiskFolders>(), services.GetRequiredService<WorkFolder>(), services.GetRequiredService<ManifestStore>(), PassOver).ListAsync(path, cancellation)
            : ServedAsync(repository, services, cancellation);
        if (parsed.GetValue(_json))
        {
            await Listing.PrintJsonAsync(Context, files, CliJson.Printed.FileEntry, cancellation);
            return status;
        }

        await foreach (var file in files)
        {
            await Context.Out.WriteLineAsync(file.Path);
        }

        return status;

        void PassOver(CorruptManifestException e)
        {
            Context.Note($"warning: {e.Message}");
            status = ExitCodes.Failed;
        }
    }

    private async IAsyncEnumerable<FileEntry> ServedAsync(
        Parceler.Repositories.Repository repository,
        ServiceProvider services,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var reading = services.GetRequiredService<ReadSnapshots>();
        var choice = (await reading.ListAsync(repository.Name, cancellation)).Choice;
        choice.Warn(repository.Name, Context.Warn);
        var served = choice.Snapshot ?? throw new RefusedException($"'{repository.Name}' has no snapshot yet. To make one: parceler repository sync {repository.Name}");
        var manifest = await reading.ReadAsync(repository.Name, served, cancellation);
        foreach (var file in manifest.Files)
        {
            yield return new(file.Path, file.Size, file.Digest.ToString());
        }
    }
}
