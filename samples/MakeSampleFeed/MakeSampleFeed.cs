using Parceler.Formats.Signing;

namespace Parceler.Samples;

internal static class MakeSampleFeed
{
    private static int Main(string[] arguments)
    {
        if (arguments is not [var folder, var keyFile] || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            Console.Error.WriteLine("Usage: MakeSampleFeed FOLDER SECRET_KEY_FILE   (the folder is new or empty)");
            return 2;
        }

        new SampleFeed(UsignSecretKey.Parse(File.ReadAllText(keyFile))).Write(folder);
        return 0;
    }
}
