using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Parceler.App.Cli;

/// <summary>A database file that can't be read any more; it is kept, for whoever wants to look into it.</summary>
internal sealed class DamagedDatabase(string file, CliContext context)
{
    private static readonly string[] s_parts = ["", "-wal", "-shm"];

    public void MoveAside()
    {
        SqliteConnection.ClearAllPools(); // or they would go on writing to the moved file
        var aside = $"{file}.damaged-{context.Clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}";
        foreach (var part in s_parts.Where(part => File.Exists(file + part)))
        {
            File.Move(file + part, aside + part);
        }

        context.Note($"The database was damaged; it is kept as {aside}");
    }
}
