using Npgsql;

namespace Parceler.Database;

/// <summary>
/// How connections to a PostgreSQL server are set up. The server ends what a node that hangs or is gone holds: an idle
/// transaction after seconds, a lost connection within a minute.
/// </summary>
internal static class PostgresConnections
{
    private const string Waits = "-c lock_timeout=30s -c idle_in_transaction_session_timeout=10s";
    private const string Keepalive = "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4 -c tcp_user_timeout=30000";

    /// <summary>A bounded pool, for sessions.</summary>
    public static NpgsqlDataSource Pool(PostgresAddress address)
    {
        var settings = Of(address);
        settings.MaxPoolSize = address.Pool;
        settings.Options = $"{Waits} {Keepalive}";
        settings.MaxAutoPrepare = 100;
        settings.AutoPrepareMinUsages = 2;
        settings.NoResetOnClose = true; // no session leaves anything behind
        return Build(settings);
    }

    /// <summary>Single connections: what they hold goes with them.</summary>
    public static NpgsqlDataSource Single(PostgresAddress address)
    {
        var settings = Of(address);
        settings.Pooling = false;
        settings.Options = Keepalive;
        settings.CommandTimeout = 0; // a lock is waited for as long as it takes
        return Build(settings);
    }

    private static NpgsqlConnectionStringBuilder Of(PostgresAddress address) =>
        new()
        {
            Host = address.Host,
            Port = address.Port,
            Database = address.Database,
            Username = address.User,
            Password = address.Password,
            SslMode = address.SslMode,
            ApplicationName = "parceler",
            Timeout = 5,
            CommandTimeout = 40, // longer than a lock is waited for
            TcpKeepAlive = true,
            TcpKeepAliveTime = 15,
            TcpKeepAliveInterval = 5,
            Enlist = false,
        };

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings)
    {
        var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString);
        builder.EnableTransportSecurity();
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false)); // only built-in ones are used
        return builder.Build();
    }
}
