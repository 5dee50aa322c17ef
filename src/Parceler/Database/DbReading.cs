using System.Data.Common;

namespace Parceler.Database;

/// <summary>Reading of columns: instants are whole milliseconds of the Unix epoch in every table, converted here and nowhere else.</summary>
internal static class DbReading
{
    public static int Int(this DbDataReader row, int column) => checked((int)row.GetInt64(column)); // every number is a bigint

    public static string? TextOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static long? NumberOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    public static DateTimeOffset Time(this DbDataReader row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    public static DateTimeOffset? TimeOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);

    public static long ToDb(this DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    public static long? ToDb(this DateTimeOffset? time) => time?.ToUnixTimeMilliseconds();
}
