using Microsoft.Data.Sqlite;

namespace Parceler.Database;

/// <summary>The configured database is another program's.</summary>
internal sealed class ForeignDatabaseException(string message) : Exception(message);

/// <summary>The database can't be used; the message names it and the way out.</summary>
internal sealed class DatabaseException : Exception
{
    private DatabaseException(string message, Exception cause)
        : base(message, cause) { }

    public static DatabaseException From(string file, SqliteException cause) =>
        cause.SqliteErrorCode is 11 or 26 // SQLITE_CORRUPT, SQLITE_NOTADB
            ? new($"The database {file} is damaged. Stop the service and rebuild it from the storage with: parceler recover", cause)
            : new($"The database {file} can't be opened: {cause.Message}", cause);
}
