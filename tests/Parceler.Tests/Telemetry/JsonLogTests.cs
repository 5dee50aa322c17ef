using System.Text.Json;
using Parceler.Tests.Support;

namespace Parceler.Tests.Telemetry;

/// <summary>The log as programs read it.</summary>
[Trait("Speed", "slow")]
public sealed class JsonLogTests : IDisposable
{
    private readonly InstalledParceler _parceler = new();

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task A_download_is_an_object_with_its_fields()
    {
        _parceler.Environment["LOG_FORMAT"] = "json";
        _parceler.Environment["DELIVERY_LOG"] = "on";
        await _parceler.AddMachineAsync();
        await using var service = await _parceler.StartAsync("serve");
        await _parceler.DoneAsync("repository", "create", "demo", "--command", "printf 0123456789 > source/demo/Packages", "--no-sync");
        await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
        await Wait.UntilAsync(async () => await _parceler.ReadAsync("demo", "Packages") == "0123456789", "it is served");
        await _parceler.ReadAsync("demo", "nothing");

        await service.UntilLoggedAsync("/nothing");
        var lines = service.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var (sent, absent) = (Download(lines, "Packages", 200), Download(lines, "nothing", 404));

        (sent.GetProperty("Address").GetString(), sent.GetProperty("Machine").GetString(), sent.GetProperty("Method").GetString()).Should().Be(("127.0.0.1", InstalledParceler.Machine, "GET"));
        sent.GetProperty("Bytes").GetInt64().Should().Be(10);
        sent.GetProperty("Milliseconds").GetDouble().Should().BePositive();
        var snapshot = (await _parceler.DoneAsync("repository", "list", "--json")).Json[0].GetProperty("servedSnapshot").GetString();
        sent.GetProperty("Snapshot").GetString().Should().Be(snapshot);
        absent.GetProperty("Snapshot").GetString().Should().Be("-");
        service.Log.Should().NotContain(InstalledParceler.Secret);
    }

    private static JsonElement Download(List<JsonElement> lines, string file, int status) =>
        lines.Select(line => line.TryGetProperty("State", out var state) ? state : default).First(state =>
            state.ValueKind == JsonValueKind.Object && state.TryGetProperty("Target", out var target) && target.GetString() == $"/repository/community/demo/{file}" && state.GetProperty("Status").GetInt32() == status);
}
