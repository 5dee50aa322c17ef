using Microsoft.Extensions.Configuration;
using Npgsql;
using Parceler.Database;

namespace Parceler.App.Configuration;

/// <summary>Reads which PostgreSQL database is used: <c>DB_URL</c>, and <c>DB_HOST</c> and its like for what that leaves open.</summary>
internal sealed class DatabaseSettings(IConfiguration configuration, List<string> faults) : NamedSettings(configuration, faults)
{
    private const string UrlExample = "such as postgres://user:password@host:5432/database";

    /// <returns>Null where a fault was found.</returns>
    public PostgresAddress? Read()
    {
        var before = Faults.Count;
        var url = Text("DB_URL") is { } text ? Parse(text, "DB_URL") : null;
        var host = url?.Host ?? Text("DB_HOST") ?? "127.0.0.1";
        var port = url?.Port ?? Whole("DB_PORT", PostgresAddress.UsualPort, 1, 65535);
        var database = url?.Database ?? Needed("DB_DATABASE", "with DB_CONNECTION=pgsql it is the name of the database");
        var user = url?.User ?? Needed("DB_USERNAME", "with DB_CONNECTION=pgsql it is the user of the database");
        var mode = url?.SslMode ?? Mode("DB_SSLMODE", Text("DB_SSLMODE") ?? "prefer");
        var pool = Whole("DB_POOL", PostgresAddress.UsualPool, 1, 1000);
        return Faults.Count == before ? new(host, port, database, user, url?.Password ?? Text("DB_PASSWORD"), mode, pool) : null;
    }

    /// <summary>Takes the address of a database apart; a part that it does not name is null.</summary>
    public UrlParts? Parse(string text, string name)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("postgres" or "postgresql"))
        {
            Faults.Add($"{name}: no address of a PostgreSQL database, {UrlExample}");
            return null;
        }

        var user = url.UserInfo.Split(':', 2);
        var query = url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=', 2)).ToList();
        foreach (var other in query.Where(part => part is not ["sslmode", _]))
        {
            Faults.Add($"{name}: '{other[0]}' is no parameter known here: only sslmode");
        }

        return new(
            NotEmpty(url.Host.Trim('[', ']')),
            url.Port > 0 ? url.Port : null,
            NotEmpty(url.AbsolutePath.TrimStart('/')),
            NotEmpty(user[0]),
            user.Length == 2 ? Uri.UnescapeDataString(user[1]) : null,
            query.Find(part => part is ["sslmode", _]) is [_, var mode] ? Mode(name, mode) : null
        );
    }

    private static string? NotEmpty(string text) => text.Length == 0 ? null : Uri.UnescapeDataString(text);

    private SslMode Mode(string name, string mode)
    {
        if (PostgresAddress.SslModes.TryGetValue(mode, out var known))
        {
            return known;
        }

        Faults.Add($"{name}: '{mode}' is none of: {string.Join(", ", PostgresAddress.SslModes.Keys)}");
        return SslMode.Prefer;
    }

    internal sealed record UrlParts(string? Host, int? Port, string? Database, string? User, string? Password, SslMode? SslMode);
}
