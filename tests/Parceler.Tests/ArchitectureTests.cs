using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Formats.Opkg;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Tests.Cli;

namespace Parceler.Tests;

/// <summary>The house stays as ARCHITECTURE.md draws it.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string[] s_flow = ["Database", "Audit", "Jobs", "Storage", "Repositories", "Feeds", "Upstreams", "Snapshots", "Releases", "Imports", "Entitlements", "Delivery", "Operators", "Netify"];

    private static Assembly Engine => typeof(JobHandler).Assembly;

    private static DirectoryInfo Root => new FileInfo(ThisFile()).Directory!.Parent!.Parent!;

    private static string EngineFolder => Path.Combine(Root.FullName, "src/Parceler");

    [Fact]
    public void Every_folder_of_the_engine_has_its_place_in_the_flow_that_the_document_shows()
    {
        var folders = Directory.EnumerateFiles(EngineFolder, "*.cs", SearchOption.AllDirectories).Select(FolderOf).Distinct().Except(["bin", "obj"]);
        var document = File.ReadAllText(Path.Combine(Root.FullName, "ARCHITECTURE.md"));

        folders.Should().BeEquivalentTo(s_flow);
        document.Should().Contain(string.Join("  ", s_flow));
    }

    [Fact]
    public void A_folder_uses_those_before_it_and_never_those_after_it()
    {
        var upward =
            from folder in s_flow
            from file in Directory.EnumerateFiles(Path.Combine(EngineFolder, folder), "*.cs", SearchOption.AllDirectories)
            from Match use in Use().Matches(File.ReadAllText(file))
            where Array.IndexOf(s_flow, use.Groups["folder"].Value) > Array.IndexOf(s_flow, folder)
            select $"{Path.GetRelativePath(EngineFolder, file)}: {use.Value.Trim()}";

        upward.Should().BeEmpty();
    }

    [Fact]
    public void The_engine_knows_nothing_of_web_servers_and_consoles() =>
        ReferencesOf(Engine).Should().NotContain(name => Edge().IsMatch(name)).And.NotContain("parceler");

    [Fact]
    public void The_formats_know_nothing_of_the_engine() =>
        ReferencesOf(typeof(OpkgIndex).Assembly).Should().NotContain(name => Edge().IsMatch(name) || name.StartsWith("Parceler", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public async Task Every_kind_of_job_has_one_handler_and_every_handler_is_registered()
    {
        var handlers = new[] { Engine, typeof(App.Composition).Assembly }.SelectMany(assembly => assembly.GetTypes()).Where(type => type.IsSubclassOf(typeof(JobHandler)));
        var kinds = typeof(JobKinds).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);
        using var commands = new TestCommands();

        await using var services = commands.Context(TextWriter.Null, TextWriter.Null).Compose();
        var registered = services.GetServices<JobHandler>().ToList();

        registered.Select(handler => handler.GetType()).Should().BeEquivalentTo(handlers);
        registered.Select(handler => handler.Kind).Should().BeEquivalentTo(kinds).And.OnlyHaveUniqueItems();
    }

    private static IEnumerable<string> ReferencesOf(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);

    private static string FolderOf(string file) => Path.GetRelativePath(EngineFolder, file).Split('/')[0];

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"^\s*(global )?using (static |\w+ = )?Parceler\.(?<folder>\w+).*;", RegexOptions.Multiline)]
    private static partial Regex Use();

    [GeneratedRegex(@"^(Microsoft\.AspNetCore|System\.Console|System\.CommandLine|Spectre)")]
    private static partial Regex Edge();
}
