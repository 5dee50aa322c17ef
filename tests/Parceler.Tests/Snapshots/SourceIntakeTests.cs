using System.Diagnostics;
using System.Text;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;
using Parceler.Tests.Support;

namespace Parceler.Tests.Snapshots;

public class SourceIntakeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stores_equal_contents_once()
    {
        await using var store = await TestStore.OpenAsync();
        var repository = await store.CreateAsync("base");
        store.WriteSource("base", "a/one.ipk", "same");
        store.WriteSource("base", "b/two.ipk", "same");

        using var intake = store.OpenIntake(repository);
        var files = intake.Run(Cancellation);

        files.Select(f => f.Path).Should().Equal("a/one.ipk", "b/two.ipk");
        files.Select(f => f.Digest).Should().AllBeEquivalentTo(Digest.Of("same"u8));
        (intake.NewBlobs, intake.NewBytes).Should().Be((1, 4));
        File.ReadAllText(store.Blobs.LocalPathOf(Digest.Of("same"u8))).Should().Be("same");
    }

    [Fact]
    public async Task Stores_large_files_byte_by_byte()
    {
        await using var store = await TestStore.OpenAsync();
        var repository = await store.CreateAsync("base");
        var content = new byte[(3 << 20) + 12_345];
        new Random(7).NextBytes(content);
        File.WriteAllBytes(store.WriteSource("base", "image.img.gz", ""), content);

        using var intake = store.OpenIntake(repository);
        var file = intake.Run(Cancellation).Single();

        file.Digest.Should().Be(Digest.Of(content));
        File.ReadAllBytes(store.Blobs.LocalPathOf(file.Digest)).Should().Equal(content);
    }

    [Fact]
    public async Task Does_not_read_an_unchanged_file_again()
    {
        await using var store = await TestStore.OpenAsync();
        var repository = await store.CreateAsync("base");
        store.WriteSource("base", "kept.ipk", "kept");
        var changing = store.WriteSource("base", "changing.ipk", "one");
        Run(store, repository);
        File.Delete(store.Blobs.LocalPathOf(Digest.Of("kept"u8))); // reading it again would bring it back

        File.WriteAllText(changing, "two");
        var files = Run(store, repository);

        files.Select(f => f.Digest).Should().Equal(Digest.Of("two"u8), Digest.Of("kept"u8));
        File.Exists(store.Blobs.LocalPathOf(Digest.Of("kept"u8))).Should().BeFalse();
    }

    [Fact]
    public async Task Reads_a_file_again_that_was_replaced_with_the_same_size_and_time()
    {
        await using var store = await TestStore.OpenAsync();
        var repository = await store.CreateAsync("base");
        var path = store.WriteSource("base", "a.ipk", "one");
        var time = File.GetLastWriteTimeUtc(path);
        Run(store, repository);

        File.Delete(path);
        File.WriteAllText(path, "two");
        File.SetLastWriteTimeUtc(path, time);

        Run(store, repository).Single().Digest.Should().Be(Digest.Of("two"u8));
    }

    [Fact]
    public async Task A_damaged_index_only_costs_time()
    {
        await using var store = await TestStore.OpenAsync();
        var repository = await store.CreateAsync("base");
        store.WriteSource("base", "a.ipk", "one");
        using (var intake = store.OpenIntake(repository))
        {
            intake.Run(Cancellation);
        }

        var index = Directory.GetFiles(Path.GetDirectoryName(store.Work.Root)!, "*.index").Single();
        File.WriteAllText(index, "rubbish");

        Run(store, repository).Should().ContainSingle();
    }

    [Fact]
    public async Task Follows_links_inside_the_tree()
    {
        await using var store = await TestStore.OpenAsync();
        var repository = await store.CreateAsync("base");
        store.WriteSource("base", "pool/a.deb", "a");
        var source = store.Disk.PathOf("source/base");
        File.CreateSymbolicLink(Path.Combine(source, "latest.deb"), "pool/a.deb");
        Directory.CreateSymbolicLink(Path.Combine(source, "stable"), "pool");

        Run(store, repository).Select(f => f.Path).Should().Equal("latest.deb", "pool/a.deb", "stable/a.deb");
    }

    [Theory]
    [InlineData("ln -s /etc/passwd leak", "'leak' is a link that leaves the tree")]
    [InlineData("mkdir d && ln -s ../../other d/leak", "'d/leak' is a link that leaves the tree")]
    [InlineData("ln -s nowhere dangling", "'dangling' is a link to nothing")]
    [InlineData("ln -s . loop", "'loop*' is a link that leads back into itself")]
    [InlineData("mkfifo pipe", "'pipe' is neither a file nor a folder")]
    [InlineData("touch \"$(printf 'a\\\\b')\"", "*no usable name*")]
    [InlineData("touch \"$(printf 'a\\377b')\"", "*no usable name*")]
    public async Task Refuses_what_is_no_file_of_the_tree(string command, string message)
    {
        await using var store = await TestStore.OpenAsync();
        var repository = await store.CreateAsync("base");
        store.WriteSource("base", "good.ipk", "good");
        store.WriteSource("other", "secret", "secret");
        await ShellAsync(store.Disk.PathOf("source/base"), command);

        var run = () => Run(store, repository);

        run.Should().Throw<SourceTreeException>().WithMessage(message);
    }

    [Fact]
    public async Task Waits_until_a_changing_tree_holds_still_or_names_the_file()
    {
        await using var store = await TestStore.OpenAsync();
        var repository = await store.CreateAsync("base");
        var path = store.WriteSource("base", "log", "x");
        using var intake = store.OpenIntake(repository, (_, _, _) => File.AppendAllText(path, "x")); // after each time that it is read
        var run = () => intake.Run(Cancellation);

        run.Should().Throw<SourceTreeException>().WithMessage("'log' changes while it is read*");
        Run(store, repository).Single().Digest.Should().Be(Digest.Of(await File.ReadAllBytesAsync(path, Cancellation)));
    }

    [Fact]
    public async Task Takes_a_large_file_in_as_it_was_at_some_moment_while_it_grows()
    {
        await using var store = await TestStore.OpenAsync();
        var path = store.WriteSource("base", "log", new string('x', (2 << 20) + 1));
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                File.AppendAllText(path, "x");
            }
        }, Cancellation);
        using var intake = store.Blobs.OpenIntake();

        var taken = Enumerable.Range(0, 100).Select(_ => Read()).ToList();
        await stop.CancelAsync();
        await writer;

        taken.Should().OnlyContain(file => file.Digest == Digest.Of(Encoding.ASCII.GetBytes(new string('x', (int)file.Size))));

        (Digest Digest, long Size) Read()
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return intake.Add(handle);
        }
    }

    private static List<SnapshotFile> Run(TestStore store, Repository repository)
    {
        using var intake = store.OpenIntake(repository);
        return intake.Run(Cancellation);
    }

    private static async Task ShellAsync(string folder, string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { WorkingDirectory = folder })!;
        await shell.WaitForExitAsync(Cancellation);
        shell.ExitCode.Should().Be(0);
    }
}
