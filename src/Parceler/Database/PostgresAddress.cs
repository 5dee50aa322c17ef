using Npgsql;

namespace Parceler.Database;

/// <summary>Where a PostgreSQL database is, and as whom to use it.</summary>
/// <param name="Pool">How many connections this process has at most, beside those for locks and for following changes.</param>
internal sealed record PostgresAddress(string Host, int Port, string Database, string User, string? Password, SslMode SslMode, int Pool)
{
    public const int UsualPort = 5432;
    public const int UsualPool = 10;

    /// <summary>The names of libpq.</summary>
    public static IReadOnlyDictionary<string, SslMode> SslModes { get; } = new Dictionary<string, SslMode>(StringComparer.Ordinal)
    {
        ["disable"] = SslMode.Disable,
        ["allow"] = SslMode.Allow,
        ["prefer"] = SslMode.Prefer,
        ["require"] = SslMode.Require,
        ["verify-ca"] = SslMode.VerifyCA,
        ["verify-full"] = SslMode.VerifyFull,
    };

    /// <summary>Without the password.</summary>
    public override string ToString() => $"{User}@{Host}:{Port}/{Database}";
}
