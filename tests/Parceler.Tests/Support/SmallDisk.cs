using System.Diagnostics;
using System.Globalization;

namespace Parceler.Tests.Support;

/// <summary>A small file system of a test's own, to be filled. A test that may not mount one is skipped.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TempFolder _folder = new();

    public SmallDisk(int megabytes)
    {
        string[] arguments = ["-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "parceler-test", _folder.Path];
        using var mount = Process.Start(new ProcessStartInfo("mount", arguments) { RedirectStandardError = true })!;
        var refusal = mount.StandardError.ReadToEnd();
        mount.WaitForExit();
        if (mount.ExitCode != 0)
        {
            _folder.Dispose();
            Assert.Skip($"No file system may be mounted here: {refusal}");
        }
    }

    public string Storage => _folder["storage"];
    private string Ballast => _folder["ballast"];

    /// <summary>Leaves not one block free.</summary>
    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // full
        }
    }

    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        using (var unmount = Process.Start("umount", ["-l", _folder.Path]))
        {
            unmount.WaitForExit();
        }

        _folder.Dispose();
    }
}
