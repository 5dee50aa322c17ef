using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Parceler.Tests.Support;

namespace Parceler.Tests.Telemetry;

/// <summary>The alert rules that are shipped, as the real Prometheus reads them and as the document names them.</summary>
[Trait("Speed", "slow")]
public sealed partial class AlertRulesTests
{
    private static string Rules => File.ReadAllText(Path.Combine(Folder, "parceler-alerts.yml"));

    private static string Folder => Path.Combine(MetricsDocument.Root, "deploy/prometheus");

    [Fact]
    public async Task Prometheus_takes_the_rules_and_they_fire_when_they_should()
    {
        var promtool = new RealClient(Folder);

        (await promtool.RunAsync("promtool", "check", "rules", "--lint-fatal", "parceler-alerts.yml")).Succeeded();
        (await promtool.RunAsync("promtool", "test", "rules", "parceler-alerts-test.yml")).Succeeded();
    }

    [Fact]
    public void Every_rule_is_of_metrics_in_the_document_and_stands_there_itself()
    {
        var metrics = Metric().Matches(Rules).Select(match => Regex.Replace(match.Value, "_(count|sum|bucket)$", "")).Distinct();
        var alerts = Alert().Matches(Rules).Select(match => match.Groups[1].Value).ToList();

        metrics.Should().NotBeEmpty().And.BeSubsetOf(MetricsDocument.Names);
        alerts.Should().HaveCountGreaterThan(10).And.BeEquivalentTo(MetricsDocument.Alerts);
    }

    [GeneratedRegex(@"\bparceler_\w+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alert();
}

/// <summary>What <c>docs/metrics.md</c> says.</summary>
internal static partial class MetricsDocument
{
    public static string Root => new FileInfo(ThisFile()).Directory!.Parent!.Parent!.Parent!.FullName;

    /// <summary>The metrics that have a line in a table.</summary>
    public static IReadOnlyList<string> Names => [.. Lines.SelectMany(line => Name().Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value)).Where(name => name.Contains('_'))];

    public static IReadOnlyList<string> Alerts => [.. Lines.SelectMany(line => AlertName().Matches(line)).Select(match => match.Groups[1].Value)];

    /// <summary>The words that a label <c>decision</c> can have.</summary>
    public static IReadOnlyList<string> Decisions =>
        [.. Lines.SkipWhile(line => !line.StartsWith("| `decision`", StringComparison.Ordinal)).Skip(1).TakeWhile(line => !line.StartsWith("| metric", StringComparison.Ordinal)).SelectMany(line => Name().Matches(line.Split('|')[1])).Select(match => match.Groups[1].Value)];

    private static IEnumerable<string> Lines => File.ReadAllLines(Path.Combine(Root, "docs/metrics.md")).Where(line => line.StartsWith('|'));

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("`([a-z_0-9]+)`")]
    private static partial Regex Name();

    [GeneratedRegex("`(Parceler[A-Z][A-Za-z]+)`")]
    private static partial Regex AlertName();
}
