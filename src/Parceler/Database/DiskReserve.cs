namespace Parceler.Database;

/// <summary>
/// A file that only takes up room. On a full disk it is given up, so that the database can still note what failed, and why;
/// it is taken again when there is room.
/// </summary>
internal sealed class DiskReserve(string file)
{
    private const int Size = 1 << 20;

    public void Keep()
    {
        if (File.Exists(file))
        {
            return;
        }

        try
        {
            using var reserve = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 0);
            try
            {
                reserve.Write(new byte[Size]);
            }
            catch (IOException)
            {
                File.Delete(file); // still full: what there is must not be taken from the database
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // another process was faster, or nothing can be written at all
        }
    }

    /// <returns>Whether there was something to give up.</returns>
    public bool GiveUp()
    {
        if (!File.Exists(file))
        {
            return false;
        }

        File.Delete(file);
        return true;
    }
}
