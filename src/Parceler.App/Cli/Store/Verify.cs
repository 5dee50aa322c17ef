using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Snapshots;

namespace Parceler.App.Cli;

/// <summary>A broken blob, with the files that it breaks as <c>snapshots/NAME/INSTANT/PATH</c>.</summary>
internal sealed record BrokenEntry(string Sha256, string Problem, List<string> Files)
{
    public static BrokenEntry Of(BrokenBlob blob) =>
        new(blob.Digest.ToString(), blob.Problem, blob.Files.ConvertAll(file => $"snapshots/{file.Repository}/{file.Snapshot}/{file.Path}"));
}

/// <summary>A verification as <c>verify --json</c> prints it.</summary>
internal sealed record VerifyEntry(bool Good, long Blobs, long Bytes, List<BrokenEntry> Broken, List<string> DamagedManifests);

internal sealed class Verify : CliCommand
{
    private readonly Option<bool> _remove = new("--remove-damaged") { Description = "Take damaged blobs out, so that the next sync reads their files again" };
    private readonly Option<bool> _json = Inputs.Json();

    public Verify(CliContext context)
        : base(context, "verify", "Reads every file of every snapshot and compares it with its digest; exit status 1 if any is broken", "parceler verify")
    {
        Add(_remove);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var verify = services.GetRequiredService<VerifyStore>();
        var found = await Bar.RunAsync(Context, progress => verify.RunAsync(parsed.GetValue(_remove), progress, cancellation));
        var broken = found.Broken.ConvertAll(BrokenEntry.Of);
        if (parsed.GetValue(_json))
        {
            Context.Say(JsonSerializer.Serialize(new VerifyEntry(found.IsGood, found.Blobs, found.Bytes, broken, found.DamagedManifests), CliJson.Printed.VerifyEntry));
        }
        else
        {
            Print(found, broken, parsed.GetValue(_remove));
        }

        return found.IsGood ? ExitCodes.Done : ExitCodes.Failed;
    }

    private void Print(Verification found, List<BrokenEntry> broken, bool removed)
    {
        var listing = new Listing("Blob", "Problem", "File");
        foreach (var blob in broken)
        {
            blob.Files.ForEach(file => listing.Add(blob.Sha256, blob.Problem, file));
        }

        listing.Print(Context);
        found.DamagedManifests.ForEach(Context.Note);
        if (found.IsGood)
        {
            Context.Say($"All is well: {found.Blobs} blobs of {found.Bytes} bytes");
            return;
        }

        Context.Note($"{broken.Count} of {found.Blobs} blobs and {found.DamagedManifests.Count} manifests are broken");
        Context.Note(removed ? "Damaged blobs were taken out: sync their repositories to read them again" : "To take damaged blobs out, so that a sync reads them again: parceler verify --remove-damaged");
    }
}
