using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.App.Answers;

internal static class SourceOnDisk
{
    /// <exception cref="RefusedException">The source is to be on a disk that commands reach as a folder anyway.</exception>
    public static void RefuseWithout(StorageDisk disk)
    {
        if (disk.IsWorkFolder)
        {
            throw new RefusedException("--source disk is for storage in a bucket (FILESYSTEM_DISK=s3). Here the command writes to source/NAME, which is on the storage disk");
        }
    }
}
