using Microsoft.Data.Sqlite;
using Npgsql;

namespace Parceler.Database;

/// <summary>The configured database is another program's.</summary>
internal sealed class ForeignDatabaseException(string message) : Exception(message);

/// <summary>The database can't be used; the message names it and the way out.</summary>
internal sealed class DatabaseException : Exception
{
    private DatabaseException(string message, Exception? cause)
        : base(message, cause) { }

    /// <summary>The server is away for a while: told once when that begins and ends (<see cref="ConnectAttempts"/>), and by nobody else.</summary>
    public bool IsOutage { get; private init; }

    public static DatabaseException From(string file, SqliteException cause) =>
        cause.SqliteErrorCode is 11 or 26 // SQLITE_CORRUPT, SQLITE_NOTADB
            ? new($"The database {file} is damaged. Stop the service and rebuild it from the storage with: parceler recover", cause)
            : new($"The database {file} can't be opened: {cause.Message}", cause);

    public static DatabaseException From(PostgresAddress address, Exception cause) => new($"The database {address.Database} on {address.Host}:{address.Port} {Problem(address, cause)}", cause) { IsOutage = true };

    /// <summary>A connection broke while it was used.</summary>
    public static DatabaseException Lost(PostgresAddress address, Exception cause) => new($"The connection to the database {address.Database} on {address.Host}:{address.Port} was lost: {Text(cause)}", cause) { IsOutage = true };

    /// <summary>All connections of this process are at work.</summary>
    public static DatabaseException Busy(PostgresAddress address) =>
        new($"The database {address.Database} on {address.Host}:{address.Port} did not answer in time: all {address.Pool} connections are in use (DB_POOL)", null) { IsOutage = true };

    /// <summary>The same for somebody else, who did not try.</summary>
    public DatabaseException Again() => new(Message, InnerException) { IsOutage = IsOutage };

    private static string Problem(PostgresAddress address, Exception cause) =>
        (cause as PostgresException)?.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                $"does not let {address.User} in: {Text(cause)}. Check DB_USERNAME and DB_PASSWORD, and the server's pg_hba.conf",
            PostgresErrorCodes.InvalidCatalogName => $"does not exist. Create it, e.g. with: createdb --owner {address.User} --encoding UTF8 --template template0 {address.Database}",
            PostgresErrorCodes.TooManyConnections => "takes no more connections: raise max_connections of the server, or lower DB_POOL",
            PostgresErrorCodes.InsufficientPrivilege => $"may not be changed by {address.User}: {Text(cause)}. Make it the owner of the database",
            null => $"can't be reached: {Text(cause)}. Is the server running, and are DB_HOST and DB_PORT right?",
            _ => $"can't be used: {Text(cause)}",
        };

    private static string Text(Exception cause) => cause is PostgresException e ? e.MessageText : cause.GetBaseException().Message;
}
