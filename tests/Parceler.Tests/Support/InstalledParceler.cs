using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Parceler.Tests.Support;

/// <summary>
/// The real program on a storage of the test's own, run as operators run it: each command is a process, and so is the
/// service. With PARCELER_NATIVE it is the native one, else the one that was built with the tests.
/// </summary>
internal sealed class InstalledParceler : IDisposable
{
    public const string Machine = "site-1";
    public const string Secret = "s3cret";
    private readonly TempFolder _folder = new();

    public InstalledParceler(string? storage = null)
    {
        Storage = storage ?? _folder["storage"];
        Address = new($"http://127.0.0.1:{FreePort()}/");
        Settings = new()
        {
            ["STORAGE_PATH"] = Storage,
            ["ASPNETCORE_URLS"] = Address.ToString(),
            ["ENTERPRISE_ENDPOINT"] = "http://127.0.0.1:9/", // nobody is asked: machines are listed
            ["COMMUNITY_ENDPOINT"] = "http://127.0.0.1:9/",
        };
    }

    public static string Executable { get; } =
        Environment.GetEnvironmentVariable("PARCELER_NATIVE") is { } native && File.Exists(native) ? native : Path.Combine(AppContext.BaseDirectory, "parceler");

    public string Storage { get; }
    public Uri Address { get; }
    public TempFolder Folder => _folder;
    public Dictionary<string, string> Settings { get; }
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts a part of the service and waits until it is there.</summary>
    public async Task<ParcelerProcess> StartAsync(string role = "serve", params (string Name, string Value)[] environment)
    {
        var process = Launch(role, environment);
        await process.UntilLoggedAsync($"Parceler runs as {(role == "serve" ? "web + worker + scheduler" : role)}");
        return process;
    }

    /// <summary>Starts a part of the service that may refuse to run.</summary>
    public ParcelerProcess Launch(string role = "serve", params (string Name, string Value)[] environment) => new(Prepare([role], environment));

    /// <summary>Runs one command.</summary>
    public async Task<ProgramRun> RunAsync(params string[] words)
    {
        using var process = Process.Start(Prepare(words, []))!;
        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return new(process.ExitCode, await output, await error);
    }

    /// <summary>Runs a command that has to succeed.</summary>
    public async Task<ProgramRun> DoneAsync(params string[] words)
    {
        var run = await RunAsync(words);
        run.Status.Should().Be(0, "'{0}' printed: {1}{2}", string.Join(' ', words), run.Error, run.Out);
        return run;
    }

    public Task AddMachineAsync() => DoneAsync("machine", "add", Machine, "--tier", "community", "--secret", Secret);

    public async Task<JsonElement> JobAsync(long id) => (await DoneAsync("job", "show", $"{id}", "--json")).Json;

    /// <summary>The newest job of a repository, whatever its state.</summary>
    public async Task<JsonElement> LastJobAsync() => (await DoneAsync("job", "list", "--json")).Json.EnumerateArray().MaxBy(job => job.GetProperty("id").GetInt64());

    public HttpClient Client()
    {
        var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
        client.DefaultRequestHeaders.Add("Authorization", RawRequest.Basic(Machine, Secret));
        return client;
    }

    /// <summary>The content at a path of a repository, as the listed machine gets it; null for 404.</summary>
    public async Task<string?> ReadAsync(string repository, string path)
    {
        using var client = Client();
        using var answer = await client.GetAsync($"/repository/community/{repository}/{path}", Cancellation);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancellation);
    }

    /// <summary>Waits for what other processes bring about.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 30)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            TimeProvider.System.GetElapsedTime(since).Should().BeLessThan(TimeSpan.FromSeconds(seconds), "it should come about that {0}", what);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }
    }

    public static Task UntilAsync(Func<bool> condition, string what, int seconds = 30) => UntilAsync(() => Task.FromResult(condition()), what, seconds);

    public void Dispose() => _folder.Dispose();

    private ProcessStartInfo Prepare(string[] words, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Executable, words)
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Settings.Select(s => (s.Key, s.Value)).Concat(environment))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>What a command printed, and its exit status.</summary>
internal sealed record ProgramRun(int Status, string Out, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;
}
