namespace Parceler.Upstreams;

/// <summary>The environment of a sync command: the service's less what is secret to the service.</summary>
internal static class CommandEnvironment
{
    public static void Fill(IDictionary<string, string?> environment, CommandRun run)
    {
        foreach (var name in environment.Keys.Where(IsSecret).ToList())
        {
            environment.Remove(name);
        }

        environment["PARCELER_REPOSITORY"] = run.Repository.ToString();
        environment["PARCELER_SOURCE"] = run.SourceFolder;
    }

    // Configuration is read without regard to case, so a secret may be spelled in any.
    private static bool IsSecret(string name) =>
        Is(name, "APP_KEY")
        || Is(name, "APP_PREVIOUS_KEYS")
        || Is(name, "NETIFYD_API_KEY")
        || name.StartsWith("DB_", StringComparison.OrdinalIgnoreCase)
        || (name.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase) && name.EndsWith("_HEADERS", StringComparison.OrdinalIgnoreCase)) // the credentials of a collector
        || (name.EndsWith("_TOKEN", StringComparison.OrdinalIgnoreCase) && !IsForTransfers(name));

    // AWS_SESSION_TOKEN and RCLONE_CONFIG_x_TOKEN: without them the rest of their family is worth nothing to the command.
    private static bool IsForTransfers(string name) =>
        name.StartsWith("AWS_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("RCLONE_", StringComparison.OrdinalIgnoreCase);

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
