using Microsoft.Data.Sqlite;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.Imports;

/// <summary>
/// The SQLite database of the program that Parceler replaces. A copy of it is read: to open the original, even to read it, could
/// leave files beside it, or bring its journal in.
/// </summary>
internal sealed class LaravelDatabase(string file)
{
    private static readonly string[] s_parts = ["", "-wal", "-journal"];

    /// <summary>Its repositories, by name.</summary>
    /// <exception cref="RefusedException">It is not such a database, or it is being written.</exception>
    public async Task<List<LaravelRepository>> ReadAsync(CancellationToken cancellation)
    {
        if (!File.Exists(file))
        {
            throw new RefusedException($"There is no file '{file}'");
        }

        var folder = Directory.CreateTempSubdirectory("parceler-import-");
        try
        {
            var copy = Path.Combine(folder.FullName, "database.sqlite");
            Copy(copy);
            return await ReadAsync(copy, cancellation);
        }
        catch (SqliteException e)
        {
            throw new RefusedException($"'{file}' is not the database of the program that Parceler replaces: {e.Message}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private void Copy(string copy)
    {
        var before = Look();
        foreach (var part in s_parts.Where(part => File.Exists(file + part)))
        {
            File.Copy(file + part, copy + part);
        }

        if (!Look().SequenceEqual(before))
        {
            throw new RefusedException($"'{file}' is being written: stop the program that it belongs to, or take it down, then try again");
        }
    }

    private List<FileStat?> Look() => [.. s_parts.Select(part => Posix.Stat(file + part, followLink: true))];

    private static async Task<List<LaravelRepository>> ReadAsync(string copy, CancellationToken cancellation)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = copy, Pooling = false }.ToString());
        await connection.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "select name, command, sub_dir, delay, \"freeze\" from repositories order by name";
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var repositories = new List<LaravelRepository>();
        while (await reader.ReadAsync(cancellation))
        {
            repositories.Add(new(Text(reader, 0) ?? "", Text(reader, 1) ?? "", Text(reader, 2), reader.IsDBNull(3) ? 0 : reader.GetInt64(3), Text(reader, 4)));
        }

        return repositories;
    }

    private static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
