using System.Security.Cryptography;
using System.Text;

namespace Parceler.App.Configuration;

/// <summary>The key of the service: <c>base64:</c> and 32 bytes, as the environment files of the first users hold it; 32 or more plain characters do as well.</summary>
internal static class AppKey
{
    private const string Prefix = "base64:";
    private const int Least = 16;

    public static string Generate() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    public static byte[]? Parse(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return text.Length >= 2 * Least ? Encoding.UTF8.GetBytes(text) : null;
        }

        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var count) && count >= Least ? bytes[..count] : null;
    }

    /// <summary>The configured key; else the one in the storage folder, made at the first start and readable by this user alone.</summary>
    public static byte[] Establish(ParcelerSettings settings)
    {
        if (settings.AppKey is { } configured)
        {
            return Parse(configured)!;
        }

        var file = Path.Combine(settings.StoragePath, "app.key");
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(settings.StoragePath);
            Write(file);
        }

        return Parse(File.ReadAllText(file).Trim())
            ?? throw new SettingsException([$"APP_KEY: the key in {file} is damaged. Restore the file, or remove it: then all verdicts are asked for anew"]);
    }

    // Written under another name and linked: of two processes that start at once, one key stands.
    private static void Write(string file)
    {
        var made = $"{file}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using (var stream = new FileStream(made, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(Generate() + "\n"));
            stream.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(made, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(made);
        }
    }
}
