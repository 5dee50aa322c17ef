using System.Text.RegularExpressions;
using Parceler.Tests.Support;
using static Parceler.Tests.Imports.LaravelProgram;

namespace Parceler.Tests.Imports;

/// <summary>From the environment file of the replaced program to machines that get what they got.</summary>
[Trait("Speed", "slow")]
public sealed partial class ImportRoadTests : IDisposable
{
    private readonly InstalledParceler _parceler = new(InstalledParceler.Ordinary);

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task Its_environment_file_leads_to_the_import_and_the_import_to_the_same_answers()
    {
        var old = new LaravelProgram(_parceler.Folder);
        var served = DaysAgo(5, offsetHours: 1);
        old.Add("demo");
        old.Write("demo", served, "latest_release", "23.05.5");
        old.Write("demo", DaysAgo(1), "latest_release", "23.05.6");
        _parceler.Folder.Write(
            ".env",
            $"APP_ENV=production\nAPP_KEY=base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\nAPP_DEBUG=false\nAPP_TIMEZONE=Europe/Rome\nAPP_URL=http://localhost\n\nBCRYPT_ROUNDS=12\n"
                + $"LOG_LEVEL=warning\nLOG_CHANNEL=stack\nDB_CONNECTION=sqlite\nDB_DATABASE={old.Database}\nFILESYSTEM_DISK=local\nAWS_ACCESS_KEY_ID=\nAWS_SECRET_ACCESS_KEY=\nAWS_DEFAULT_REGION=\nAWS_BUCKET=\nAWS_ENDPOINT=\n"
        );

        var refused = await _parceler.RunAsync("serve");

        refused.Status.Should().Be(2);
        var command = NamedCommand().Match(refused.Error).Groups["words"].Value.Replace("DIR", old.Storage, StringComparison.Ordinal).Split(' ');
        _parceler.Environment["DB_DATABASE"] = _parceler.Folder["storage/database.sqlite"];
        (await _parceler.DoneAsync(command)).Out.Should().Contain($"demo: serves {Utc(served)}").And.Contain("2 snapshots were taken over");
        await _parceler.AddMachineAsync();
        await using (await _parceler.StartAsync("web"))
        {
            (await _parceler.ReadAsync("demo", "latest_release")).Should().Be("23.05.5");
        }
    }

    [GeneratedRegex("parceler (?<words>import laravel --database \\S+ --storage \\S+)")]
    private static partial Regex NamedCommand();
}
