using System.Net.Sockets;
using System.Text;
using Parceler.Tests.Support;

namespace Parceler.Tests.Deploy;

/// <summary>What systemd is told, and the work of the service under the restrictions of its unit.</summary>
[Trait("Speed", "slow")]
public sealed class ServiceManagerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Socket _notices = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };

    public ServiceManagerTests() => _notices.Bind(new UnixDomainSocketEndPoint(_folder["notify"]));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _notices.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("worker")]
    [InlineData("scheduler")]
    public async Task It_is_told_when_the_service_is_ready_and_when_it_ends(string role)
    {
        using var parceler = new InstalledParceler();
        await using var service = await parceler.StartAsync([("NOTIFY_SOCKET", _folder["notify"])], role);

        (await NoticeAsync()).Should().Be("READY=1");
        if (role == "serve")
        {
            using var client = parceler.Client();
            (await client.GetAsync("/up", Cancellation)).EnsureSuccessStatusCode();
        }

        (await service.TerminateAsync()).Should().Be(0);
        (await NoticeAsync()).Should().Be("STOPPING=1");
    }

    [Fact]
    public async Task It_is_not_told_before_the_service_listens()
    {
        using var parceler = new InstalledParceler();
        using var taken = new TcpListener(System.Net.IPAddress.Loopback, parceler.Address.Port);
        taken.Start();

        parceler.Environment["NOTIFY_SOCKET"] = _folder["notify"];
        (await parceler.RunAsync("serve")).Status.Should().NotBe(0);

        (await NoticeAsync()).Should().Be("STOPPING=1");
        _notices.Available.Should().Be(0);
    }

    [Fact]
    public async Task A_sync_command_has_its_tools_as_the_unit_runs_them()
    {
        Assert.SkipWhen(InstalledParceler.Native is null, "PARCELER_NATIVE names no native executable; ./test publishes one");
        using var parceler = new InstalledParceler(await ConfineAsync(InstalledParceler.Native!));
        _folder.Write("upstream/a/one.ipk", "one");
        Directory.CreateDirectory(_folder["upstream/setgid"]);
        File.SetUnixFileMode(_folder["upstream/setgid"], (UnixFileMode)Convert.ToInt32("2775", 8));
        await using var service = await parceler.StartAsync("serve");
        var upstream = _folder["upstream"];

        await parceler.DoneAsync("repository", "create", "tools", "--delay", "0", "--command", $"set -e; rsync -a {upstream}/ source/tools/rsync; rclone copy {upstream} source/tools/rclone; cp -a {upstream} source/tools/cp; curl -sSf -o source/tools/curl {parceler.Address}up; wget -q -O source/tools/wget {parceler.Address}up");
        await parceler.DoneAsync("repository", "sync", "tools", "--wait");

        var files = (await parceler.DoneAsync("repository", "files", "tools")).Out;
        files.Should().ContainAll("rsync/a/one.ipk", "rclone/a/one.ipk", "cp/a/one.ipk", "curl", "wget");
        File.GetUnixFileMode(Directory.GetFiles(Path.Combine(parceler.Storage, "blobs"), "*", SearchOption.AllDirectories)[0]).Should().HaveFlag(UnixFileMode.GroupRead).And.NotHaveFlag(UnixFileMode.OtherRead);
        (await service.TerminateAsync()).Should().Be(0);
    }

    private async Task<string> ConfineAsync(string program)
    {
        string[] arguments = ["-O1", "-Wall", "-Werror", $"-DPROGRAM=\"{program}\"", "-o", _folder["confined"], Path.Combine(AppContext.BaseDirectory, "Deploy", "confined.c")];
        (await new RealClient(_folder.Path).RunAsync("gcc", arguments)).Succeeded();
        return _folder["confined"];
    }

    private async Task<string> NoticeAsync()
    {
        var buffer = new byte[256];
        var length = await _notices.ReceiveAsync(buffer, Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
