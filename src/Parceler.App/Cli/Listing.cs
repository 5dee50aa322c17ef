using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parceler.Snapshots;
using Spectre.Console;

namespace Parceler.App.Cli;

/// <summary>Rows under headings: a table on a terminal; else a line each, with tabs between the columns, for grep, cut and awk.</summary>
internal sealed class Listing(params string[] headings)
{
    private const string Absent = "-";
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row; an absent cell is a dash, so that columns keep their numbers.</summary>
    public void Add(params string?[] cells) => _rows.Add([.. cells.Select(cell => string.IsNullOrEmpty(cell) ? Absent : cell)]);

    public void Print(CliContext context)
    {
        if (!context.OutIsTerminal)
        {
            _rows.ForEach(row => context.Out.WriteLine(string.Join('\t', row.Select(OneLine))));
        }
        else if (_rows.Count > 0)
        {
            context.Console.Write(ToTable());
        }
    }

    /// <summary>Prints an array with an element per line.</summary>
    public static async Task PrintJsonAsync<T>(CliContext context, IAsyncEnumerable<T> entries, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        await context.Out.WriteAsync('[');
        var separator = "\n";
        await foreach (var entry in entries.WithCancellation(cancellation))
        {
            await context.Out.WriteAsync(separator);
            await context.Out.WriteAsync(JsonSerializer.Serialize(entry, type));
            separator = ",\n";
        }

        await context.Out.WriteLineAsync("\n]");
    }

    public static Task PrintJsonAsync<T>(CliContext context, IEnumerable<T> entries, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        PrintJsonAsync(context, entries.ToAsyncEnumerable(), type, cancellation);

    public static string? Time(DateTimeOffset? time) => time is { } t ? SnapshotInstant.Of(t).ToString() : null;

    /// <summary>A size for people on a terminal, in bytes elsewhere.</summary>
    public static string Size(CliContext context, long bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        var unit = context.OutIsTerminal && bytes > 0 ? Math.Min((int)Math.Log10(bytes) / 3, units.Length - 1) : 0;
        return unit == 0
            ? bytes.ToString(CultureInfo.InvariantCulture) + (context.OutIsTerminal ? " B" : "")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / Math.Pow(1000, unit):0.0} {units[unit]}");
    }

    private static string OneLine(string cell) => cell.ReplaceLineEndings(" ").Replace('\t', ' ');

    private Table ToTable()
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var heading in headings)
        {
            table.AddColumn(new TableColumn(Markup.Escape(heading)));
        }

        foreach (var row in _rows)
        {
            table.AddRow([.. row.Select(cell => new Text(cell))]);
        }

        return table;
    }
}
