using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Parceler.Tests.Support;

namespace Parceler.Tests.Faults;

/// <summary>
/// A repository whose sync writes the number of its generation into every file, so that a mix of two is seen. It is
/// looked at from outside: by what commands list and what machines get.
/// </summary>
internal sealed class StampedRepository(InstalledParceler parceler, int files)
{
    private const string Name = "demo";

    /// <summary>The number that the next sync will write.</summary>
    public int Generation { get; private set; }

    private string Started => parceler.Folder["started"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task CreateAsync(int delay)
    {
        var command = $"g=$(cat '{parceler.Folder["generation"]}'); : > '{Started}'; i=0; while [ $i -lt {files} ]; do echo \"$g $i\" > source/{Name}/$i; i=$((i+1)); done";
        await parceler.DoneAsync("repository", "create", Name, "--command", command, "--delay", delay.ToString(CultureInfo.InvariantCulture), "--no-sync");
        await parceler.AddMachineAsync();
        BeginGeneration();
    }

    public void BeginGeneration()
    {
        Generation++;
        File.Delete(Started);
        parceler.Folder.Write("generation", $"{Generation}\n");
    }

    public Task UntilCommandRunsAsync() => Wait.UntilAsync(() => File.Exists(Started), "the command runs");

    /// <summary>Waits until machines get the generation that was begun last.</summary>
    public Task UntilServedAsync() =>
        Wait.UntilAsync(async () => await parceler.ReadAsync(Name, "0") == Content(Generation, 0), $"generation {Generation} is served");

    /// <summary>Waits until no job of it waits or runs.</summary>
    public Task UntilIdleAsync() =>
        Wait.UntilAsync(async () => (await parceler.LastJobAsync()).GetProperty("state").GetString() == "succeeded", "the last job is over");

    public async Task<JsonElement> ShowAsync() => (await parceler.DoneAsync("repository", "show", Name, "--json")).Json;

    /// <summary>The one generation that machines get: each file that is listed, with the bytes that are listed, and no other.</summary>
    public async Task<int> ServedAsync(string because)
    {
        var listed = (await parceler.DoneAsync("repository", "files", Name, "--json")).Json.EnumerateArray().ToList();
        listed.Select(file => file.GetProperty("path").GetString()).Should().Equal(Enumerable.Range(0, files).Select(i => $"{i}").Order(StringComparer.Ordinal));
        using var client = parceler.Client();
        var generations = new HashSet<int>();
        foreach (var file in listed)
        {
            var path = file.GetProperty("path").GetString()!;
            var bytes = await client.GetByteArrayAsync($"/repository/community/{Name}/{path}", Cancellation);
            Convert.ToHexStringLower(SHA256.HashData(bytes)).Should().Be(file.GetProperty("sha256").GetString(), because);
            var text = Encoding.UTF8.GetString(bytes);
            generations.Add(int.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture));
            text.Should().Be(Content(generations.Last(), int.Parse(path, CultureInfo.InvariantCulture)));
        }

        return generations.Should().ContainSingle("a snapshot holds one state of its upstream: {0}", because).Subject;
    }

    private static string Content(int generation, int file) => $"{generation} {file}\n";
}
