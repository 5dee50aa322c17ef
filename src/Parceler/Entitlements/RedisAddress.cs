using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using StackExchange.Redis;

namespace Parceler.Entitlements;

/// <summary>Where Redis is: <c>redis://[user][:password@]host[:port][/database][?prefix=...]</c>, or <c>rediss://</c> over TLS.</summary>
internal sealed record RedisAddress(string Host, int Port, string? User, string? Password, int Database, bool IsTls, string Prefix)
{
    private const string UsualPrefix = "parceler:";

    public static bool TryParse(string text, [NotNullWhen(true)] out RedisAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("redis" or "rediss") || url.Host.Length == 0)
        {
            return false;
        }

        var database = 0;
        if (url.AbsolutePath is { Length: > 1 } path && !int.TryParse(path.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out database))
        {
            return false;
        }

        var (user, password) = url.UserInfo.Split(':', 2) is [var first, var second] ? (first, (string?)second) : (url.UserInfo, null);
        const string Prefixed = "?prefix=";
        var prefix = url.Query.StartsWith(Prefixed, StringComparison.Ordinal) ? Uri.UnescapeDataString(url.Query[Prefixed.Length..]) : UsualPrefix;
        address = new(url.IdnHost, url.IsDefaultPort ? 6379 : url.Port, Part(user), Part(password), database, url.Scheme == "rediss", prefix);
        return true;
    }

    /// <summary>A connection that is made again by itself, and whose requests fail at once while there is none.</summary>
    public ConfigurationOptions Options() =>
        new()
        {
            EndPoints = { { Host, Port } },
            User = User,
            Password = Password,
            DefaultDatabase = Database,
            Ssl = IsTls,
            AbortOnConnectFail = false,
            BacklogPolicy = BacklogPolicy.FailFast,
            ConnectTimeout = 2000,
            AsyncTimeout = 1000,
            ClientName = "parceler",
        };

    // So that no log shows the password.
    public override string ToString() => $"{(IsTls ? "rediss" : "redis")}://{Host}:{Port}/{Database}";

    private static string? Part(string? text) => string.IsNullOrEmpty(text) ? null : Uri.UnescapeDataString(text);
}
