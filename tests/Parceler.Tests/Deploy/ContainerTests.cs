using System.Text.Json;
using System.Text.RegularExpressions;
using Parceler.App.Configuration;
using Parceler.Tests.Support;

namespace Parceler.Tests.Deploy;

/// <summary>What can be known of the container files without an engine: all that they name is there, and Parceler takes the settings that it is given.</summary>
[Trait("Speed", "slow")]
public sealed partial class ContainerTests
{
    private static readonly Dictionary<string, string> s_filledIn = new(ComposeFile.Example())
    {
        ["APP_KEY"] = AppKey.Generate(),
        ["DB_PASSWORD"] = "p",
        ["AWS_SECRET_ACCESS_KEY"] = "s",
    };

    [Fact]
    public async Task Each_part_of_the_service_is_given_settings_that_it_knows_and_takes()
    {
        var compose = await ComposeFile.ReadAsync(s_filledIn);

        compose.Parcelers.Select(service => service.Value.GetProperty("command")[0].GetString()).Should().BeEquivalentTo("web", "web", "worker", "scheduler");
        foreach (var service in compose.Parcelers)
        {
            var environment = Inherited().Concat(compose.Environment(service.Value).Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).ToDictionary();
            var asked = new AskedSettings(environment);
            var read = () => new SettingsReader(asked).Read();

            read.Should().NotThrow();
            environment.Keys.Should().BeSubsetOf(asked.Asked.Keys);
        }
    }

    [Fact]
    public async Task The_example_has_each_variable_once_and_what_must_be_filled_in_is_asked_for()
    {
        var compose = await ComposeFile.ReadAsync(s_filledIn);
        compose.Fill(compose.Root.GetRawText());

        compose.Asked.Should().BeEquivalentTo(ComposeFile.Example().Keys);

        foreach (var missing in s_filledIn.Keys.Except(ComposeFile.Example().Where(setting => setting.Value.Length > 0).Select(setting => setting.Key)).Except(["REPOSITORY_RELEASE_TOKEN"]))
        {
            var unfilled = await ComposeFile.ReadAsync(s_filledIn.Where(setting => setting.Key != missing).ToDictionary());
            var fill = () => unfilled.Fill(unfilled.Root.GetRawText());
            fill.Should().Throw<InvalidOperationException>().WithMessage($"{missing} is missing");
        }
    }

    [Fact]
    public async Task What_it_refers_to_is_there()
    {
        var compose = await ComposeFile.ReadAsync(s_filledIn);
        var (volumes, networks, services) = (Names(compose.Root, "volumes"), Names(compose.Root, "networks"), Names(compose.Root, "services"));

        foreach (var service in compose.Services.Select(service => service.Value))
        {
            var mounts = service.GetProperty("volumes").EnumerateArray().Select(volume => compose.Fill(volume.GetString()!).Split(':')[0]).Where(source => source != s_filledIn["TLS_FOLDER"]);
            mounts.Should().OnlyContain(source => source.StartsWith('.') ? File.Exists(CloneFolder.File($"{ComposeFile.Folder}/{source}")) : volumes.Contains(source));
            service.GetProperty("networks").EnumerateArray().Select(network => network.GetString()!).Should().BeSubsetOf(networks);
            if (service.TryGetProperty("depends_on", out var others))
            {
                others.EnumerateObject().Select(other => other.Name).Should().BeSubsetOf(services);
            }

            if (service.TryGetProperty("build", out var build))
            {
                File.Exists(CloneFolder.File($"{ComposeFile.Folder}/{build.GetProperty("context").GetString()}/{build.GetProperty("dockerfile").GetString()}")).Should().BeTrue();
            }
        }

        var web = compose.Parcelers.Where(service => service.Value.GetProperty("command")[0].GetString() == "web");
        var nodes = await File.ReadAllTextAsync(CloneFolder.File($"{ComposeFile.Folder}/parceler-nodes.conf"), TestContext.Current.CancellationToken);
        var port = new Uri(Inherited().Single(setting => setting.Key == "ASPNETCORE_URLS").Value!).Port;
        Server().Matches(nodes).Select(match => match.Groups[1].Value).Should().BeEquivalentTo(web.Select(service => $"{service.Name}:{port}"));
    }

    [Fact]
    public void The_image_is_made_of_what_is_there_and_runs_as_nobody_special()
    {
        var lines = File.ReadAllLines(CloneFolder.File("deploy/container/Containerfile"));
        var copied = lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from")).SelectMany(line => line.Split(' ')[1..^1]).ToList();

        copied.Should().NotBeEmpty().And.OnlyContain(path => File.Exists(CloneFolder.File(path)) || Directory.Exists(CloneFolder.File(path)));
        Directory.GetFiles(CloneFolder.Path, "Directory.*").Append("global.json").Append(".editorconfig").Select(path => Path.GetFileName(path)).Should().BeSubsetOf(copied, "the build depends on them");
        var asked = new AskedSettings(Inherited().ToDictionary(setting => setting.Key, setting => setting.Value));
        new SettingsReader(asked).Read();
        asked.Asked.Keys.Should().Contain(Inherited().Select(setting => setting.Key));
        lines.Last(line => line.StartsWith("USER ", StringComparison.Ordinal)).Should().NotBe("USER 0").And.NotBe("USER root");
        lines.Should().Contain(line => line.StartsWith("HEALTHCHECK ", StringComparison.Ordinal) && line.Contains("/up\""));
    }

    // Of the image.
    private static IEnumerable<KeyValuePair<string, string?>> Inherited() =>
        File.ReadLines(CloneFolder.File("deploy/container/Containerfile"))
            .Where(line => line.StartsWith("ENV ", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..])
            .Select(setting => setting.Split('=', 2))
            .Select(setting => KeyValuePair.Create(setting[0], (string?)setting[1]));

    private static List<string> Names(JsonElement root, string property) => [.. root.GetProperty(property).EnumerateObject().Select(one => one.Name)];

    [GeneratedRegex("^server ([^ ;]+)", RegexOptions.Multiline)]
    private static partial Regex Server();
}
