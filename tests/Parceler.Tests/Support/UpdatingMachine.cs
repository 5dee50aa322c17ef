namespace Parceler.Tests.Support;

/// <summary>
/// A machine of one kind with an empty disk: it updates and downloads what it would install, and checks all it gets as
/// such machines do. Each time tells which state of the upstream it saw; a fault fails the test.
/// </summary>
internal abstract class UpdatingMachine : IDisposable
{
    protected TempFolder Folder { get; } = new();

    /// <returns>a or b.</returns>
    public abstract Task<string> UpdateAsync();

    public virtual void Dispose() => Folder.Dispose();
}

/// <summary>Debian's apt, with indexes under their plain names.</summary>
internal sealed class AptMachine(Uri repository, DebianPackages packages) : UpdatingMachine
{
    private readonly AptRoot _apt = new(new(repository, "apt"), packages.PublicKey, byHash: false);

    public override async Task<string> UpdateAsync()
    {
        (await _apt.UpdateAsync()).Succeeded();
        Array.ForEach(Directory.GetFiles(_apt.Archives, "*.deb"), File.Delete);
        (await _apt.FetchAsync("netbase", "sensible-utils")).Succeeded();
        return await _apt.CandidateAsync("netbase") == packages.Version ? "a" : "b";
    }

    public override void Dispose()
    {
        _apt.Dispose();
        base.Dispose();
    }
}

/// <summary>dnf, with indexes under their plain names and a signature beside them.</summary>
internal sealed class DnfMachine : UpdatingMachine
{
    private readonly RealClient _dnf;

    public DnfMachine(Uri repository, DebianPackages packages)
    {
        var (user, password) = (repository.UserInfo.Split(':')[0], repository.UserInfo.Split(':')[1]);
        var address = new Uri(repository, "rpm").GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
        Folder.Write("dnf.conf", $"[main]\nplugins=0\nreposdir=/nowhere\ncachedir={Folder["cache"]}\nlogdir={Folder["log"]}\npersistdir={Folder["state"]}\n[test]\nname=test\nbaseurl={address}\nusername={user}\npassword={password}\nretries=1\nrepo_gpgcheck=1\ngpgcheck=0\ngpgkey=file://{packages.PublicKey}\n");
        _dnf = new(Folder.Path);
    }

    public override async Task<string> UpdateAsync()
    {
        Array.ForEach(Downloaded(), File.Delete);

        (await _dnf.RunAsync("dnf", "--assumeyes", "--config", "dnf.conf", "--installroot", Folder["root"], "--releasever", "1", "--refresh", "install", "--downloadonly", "hello", "rebuilt")).Succeeded();
        var got = Downloaded().Select(Path.GetFileName).ToList();
        got.Should().HaveCount(2).And.Contain("rebuilt-1-1.noarch.rpm");
        return got.Contains("hello-1-1.noarch.rpm") ? "a" : "b";
    }

    // dnf puts its cache below the root that it installs to
    private string[] Downloaded() => Directory.GetFiles(Folder.Path, "*.rpm", SearchOption.AllDirectories);
}

/// <summary>A router as opkg makes it one: wget for each file, the signature checked, then packages one by one by their digest.</summary>
internal sealed class RouterMachine : UpdatingMachine
{
    private const string Script = """
        set -e
        get() { wget --no-config --quiet --tries=1 -O "$1" "$REPOSITORY/opkg/$2" || { echo "$2: wget says $?"; exit 1; }; }
        for feed in base extra; do
          get $feed.gz $feed/Packages.gz
          sleep 0.1
          get $feed.sig $feed/Packages.sig
          gunzip -c $feed.gz > $feed
          signify-openbsd -q -V -p "$KEY" -x $feed.sig -m $feed || { echo "$feed: the signature is not of this index"; exit 1; }
        done
        for feed in base extra; do
          awk '/^Filename: /{file=$2} /^SHA256sum: /{print $2, file}' $feed | while read -r sum file; do
            get package $feed/$file
            echo "$sum  package" | sha256sum --quiet -c || { echo "$file: not what its index says"; exit 1; }
          done
        done
        sed -n 's/^ *Description: *Of state //p' base extra | sort -u
        """;

    private readonly RealClient _router;

    public RouterMachine(Uri repository, string key) =>
        _router = new(Folder.Path, ("REPOSITORY", repository.GetComponents(UriComponents.HttpRequestUrl | UriComponents.UserInfo, UriFormat.UriEscaped).TrimEnd('/')), ("KEY", key));

    public override async Task<string> UpdateAsync()
    {
        var state = (await _router.RunAsync("sh", "-c", Script)).Succeeded().Output.Trim();
        state.Should().BeOneOf("a", "b"); // of one state only: both feeds
        return state;
    }
}
