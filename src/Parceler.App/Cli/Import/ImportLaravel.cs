using System.CommandLine;
using System.Text.Json;
using Amazon.S3;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Configuration;
using Parceler.Imports;
using Parceler.Storage.S3;

namespace Parceler.App.Cli;

internal sealed class ImportLaravel : CliCommand
{
    private const string Bucket = "s3://";
    private readonly Option<string> _database = new("--database") { Required = true, HelpName = "FILE", Description = "Its SQLite database" };
    private readonly Option<string> _storage =
        new("--storage") { Required = true, HelpName = "DIR|s3://BUCKET[/PREFIX]", Description = "Its storage disk: what holds the folder 'snapshots'. A bucket is read with the AWS_* settings" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Show what would be taken over, and change nothing" };
    private readonly Option<bool> _includeDamaged = new("--include-damaged") { Description = "Take over snapshots, too, whose package indexes and files do not agree" };
    private readonly Option<bool> _json = Inputs.Json();

    public ImportLaravel(CliContext context)
        : base(
            context,
            "laravel",
            "Takes over repositories, freezes and snapshots of the program that Parceler replaces, without downloading anything; what it has stays as it is. "
                + "Run again, it goes on where it was ended. Exit status 1 if something that should be here is not",
            "parceler import laravel --database /srv/old/database.sqlite --storage /srv/old/app/private"
        )
    {
        Add(_database);
        Add(_storage);
        Add(_dryRun);
        Add(_includeDamaged);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var settings = Context.ReadSettings();
        using var storage = Open(parsed.GetRequiredValue(_storage), settings);
        var rows = await new LaravelDatabase(parsed.GetRequiredValue(_database)).ReadAsync(cancellation);
        await using var services = await Context.OpenAsync(cancellation);
        var choice = new ImportChoice(parsed.GetValue(_dryRun), parsed.GetValue(_includeDamaged));
        if (!choice.DryRun)
        {
            await RunningService.RefuseAsync(services, "machines would get what comes in before all of it is here", cancellation);
        }

        var import = services.GetRequiredService<ImportRepositories>();
        var report = await Bar.RunAsync(Context, progress => import.RunAsync(rows, storage, choice, progress, cancellation));
        if (parsed.GetValue(_json))
        {
            Context.Say(JsonSerializer.Serialize(ImportEntry.Of(report, choice), CliJson.Printed.ImportEntry));
        }
        else
        {
            new ImportSummary(Context).Print(report, choice);
        }

        return report.IsWhole ? ExitCodes.Done : ExitCodes.Failed;
    }

    private LaravelStorage Open(string address, ParcelerSettings settings)
    {
        if (!address.StartsWith(Bucket, StringComparison.Ordinal))
        {
            return new LaravelFolder(address, settings.StoragePath);
        }

        var (bucket, prefix) = address[Bucket.Length..].TrimEnd('/').Split('/', 2) is [var name, var rest] ? (name, rest + "/") : (address[Bucket.Length..].TrimEnd('/'), "");
        var faults = new List<string>();
        var other = new StorageSettings(ConfigurationSources.Read(Context.Overrides), faults).ReadOther(bucket, prefix);
        return bucket.Length == 0 ? throw new UsageException("--storage: s3:// is followed by the name of a bucket")
            : faults.Count > 0 ? throw new SettingsException(faults)
            : settings.S3 is { } own && own.Bucket == bucket && own.Prefix == prefix && own.Endpoint == other.Endpoint
                ? throw new UsageException("--storage is the storage of Parceler itself: it takes snapshots over to a place of its own. Set S3_PREFIX=parceler, or AWS_BUCKET to another bucket")
            : new LaravelBucket(new S3Bucket(S3ClientFactory.Create(other), other));
    }
}
