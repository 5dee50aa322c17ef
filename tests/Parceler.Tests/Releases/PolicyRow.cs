using System.Globalization;
using Parceler.Releases;
using Parceler.Snapshots;

namespace Parceler.Tests.Releases;

/// <summary>
/// A row of a table of cases: name | policy | snapshots | served until now | now | choice.
/// Dates are <c>MM-dd[THH:mm:ss]</c> of 2026 in UTC, or written in full. Snapshots: <c>11-01</c>, daily ones <c>11-01..11-10</c>,
/// deleted since <c>(11-01)</c>, pinned <c>[11-01]</c>; a served one that was frozen <c>11-01*</c>.
/// </summary>
internal sealed record PolicyRow(
    string Name, ReleasePolicy Policy, IReadOnlyList<KnownSnapshot> Snapshots, ServedUntilNow? Served, DateTimeOffset Now, string Choice)
{
    public static PolicyRow Parse(string text)
    {
        var cells = text.Split('|', StringSplitOptions.TrimEntries);
        return new(cells[0], PolicyOf(cells[1]), SnapshotsOf(cells[2]), ServedOf(cells[3]), Time(cells[4]), cells[5]);
    }

    public static IEnumerable<string> Rows(string table) =>
        table.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What was chosen, as the last cell writes it.</summary>
    public static string Describe(ServedChoice choice) =>
        $"{Short(choice.Snapshot?.Time)} {choice.Reason} until {Short(choice.Until)}{(choice.Warning is null ? "" : " !")}";

    public static SnapshotInstant Instant(string text) => SnapshotInstant.Of(Time(text));

    public static DateTimeOffset Time(string text) => DateTimeOffset.Parse(
        text.Length > 4 && text[4] == '-' ? text : "2026-" + text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string Short(DateTimeOffset? time) => time switch
    {
        null => "-",
        { } t when t.TimeOfDay == TimeSpan.Zero => t.ToString(t.Year == 2026 ? "MM-dd" : "yyyy-MM-dd", CultureInfo.InvariantCulture),
        { } t => t.ToString(t.Year == 2026 ? "MM-ddTHH:mm:ss" : "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture),
    };

    private static ReleasePolicy PolicyOf(string cell)
    {
        var words = cell.Split(' ');
        SnapshotInstant? After(string word) => Array.IndexOf(words, word) is var at and >= 0 ? Instant(words[at + 1]) : null;
        return new(int.Parse(words[0], CultureInfo.InvariantCulture), After("freeze"), After("mark"));
    }

    private static ServedUntilNow? ServedOf(string cell) => cell == "-" ? null : new(Instant(cell.TrimEnd('*')), cell.EndsWith('*'));

    public static IReadOnlyList<KnownSnapshot> SnapshotsOf(string cell)
    {
        var known = new List<KnownSnapshot>();
        SnapshotInstant? previous = null;
        foreach (var token in cell.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(t => t != "-"))
        {
            foreach (var instant in Expand(token.Trim('(', ')', '[', ']')))
            {
                if (token[0] != '(')
                {
                    known.Add(new(instant, previous, Pinned: token[0] == '['));
                }

                previous = token[0] == '[' ? previous : instant;
            }
        }

        return known;
    }

    private static IEnumerable<SnapshotInstant> Expand(string token)
    {
        var ends = token.Split("..");
        var last = Time(ends[^1]);
        for (var time = Time(ends[0]); time <= last; time = time.AddDays(1))
        {
            yield return SnapshotInstant.Of(time);
        }
    }
}
