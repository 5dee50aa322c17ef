using System.Data.Common;
using Parceler.App.Configuration;
using Parceler.Database;
using Parceler.Jobs;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.App.Cli;

/// <summary>The one place where failures of commands become a message and an exit status.</summary>
internal static class Failures
{
    public static async Task<int> CatchAsync(TextWriter error, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception e)
        {
            await error.WriteLineAsync(IsExpected(e) ? e.Message : $"Parceler failed in a way that it should not; please report this: {e}");
            return StatusOf(e);
        }
    }

    private static int StatusOf(Exception e) =>
        e is UsageException or SettingsException or WrongStoreException or ForeignDatabaseException or InvalidSettingException ? ExitCodes.Usage : ExitCodes.Failed;

    private static bool IsExpected(Exception e) =>
        e
            is UsageException
                or SettingsException
                or WrongStoreException
                or ForeignDatabaseException
                or RefusedException
                or DatabaseException
                or IncompleteCopyException
                or JobFailedException
                or CorruptManifestException
                or SourceTreeException
                or SyncFailedException
                or DbException
                or IOException
                or UnauthorizedAccessException;
}
