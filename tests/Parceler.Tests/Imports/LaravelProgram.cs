using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Parceler.Tests.Support;

namespace Parceler.Tests.Imports;

/// <summary>What the program that Parceler replaces leaves: a database with the tables of its migrations, and a storage disk.</summary>
internal sealed class LaravelProgram
{
    private readonly TempFolder _folder;
    private readonly string _name;

    public LaravelProgram(TempFolder folder, string name = "old")
    {
        (_folder, _name) = (folder, name);
        Directory.CreateDirectory(Path.Combine(Storage, "snapshots"));
        Sql(
            """
            create table migrations (id integer primary key autoincrement not null, migration varchar not null, batch integer not null);
            insert into migrations (migration, batch) values ('2024_04_12_173557_create_repositories_table', 1);
            create table cache ("key" varchar not null primary key, value text not null, expiration integer not null);
            create table jobs (id integer primary key autoincrement not null, queue varchar not null, payload text not null, attempts integer not null, reserved_at integer, available_at integer not null, created_at integer not null);
            create table repositories (id integer primary key autoincrement not null, name varchar not null, command text not null, sub_dir varchar, delay integer not null, freeze varchar, created_at datetime, updated_at datetime);
            create unique index repositories_name_unique on repositories (name);
            """
        );
    }

    public string Database => _folder[$"{_name}/database.sqlite"];

    public string Storage => _folder[$"{_name}/app/private"];

    public string[] Command => ["import", "laravel", "--database", Database, "--storage", Storage];

    /// <summary>An instant so many days ago, as this program names folders.</summary>
    public static string DaysAgo(double days, int offsetHours = 0) =>
        TimeProvider.System.GetUtcNow().AddDays(-days).ToOffset(TimeSpan.FromHours(offsetHours)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", null);

    /// <summary>The same instant as Parceler prints it.</summary>
    public static string Utc(string instant) => DateTimeOffset.Parse(instant, null).ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:sszzz", null);

    public void Add(string name, string? command = null, string? subDir = null, long delay = 7, string? freeze = null) =>
        Sql(
            "insert into repositories (name, command, sub_dir, delay, freeze, created_at, updated_at) values (@name, @command, @sub, @delay, @freeze, '2025-01-02 03:04:05', '2025-01-02 03:04:05')",
            ("@name", name),
            ("@command", command ?? $"rclone sync up:{name} source/{name}"),
            ("@sub", subDir),
            ("@delay", delay),
            ("@freeze", freeze)
        );

    public void Sql(string sql, params (string Name, object? Value)[] values)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Database)!);
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        command.ExecuteNonQuery();
    }

    /// <summary>Writes a file of a snapshot; a path that ends in '/' is a folder.</summary>
    public void Write(string repository, string snapshot, string path, string content = "")
    {
        if (path.EndsWith('/'))
        {
            Directory.CreateDirectory(PathOf(repository, snapshot, path));
        }
        else
        {
            _folder.Write(Path.GetRelativePath(_folder.Path, PathOf(repository, snapshot, path)), content);
        }
    }

    public string PathOf(string repository, string snapshot, string path = "") => Path.Combine(Storage, "snapshots", repository, snapshot, path);

    /// <summary>All that it has, down to times and bytes.</summary>
    public List<string> Look() =>
        [
            .. new DirectoryInfo(_folder[_name])
                .EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
                .Append(new DirectoryInfo(_folder[_name]))
                .OrderBy(entry => entry.FullName, StringComparer.Ordinal)
                .Select(entry => $"{entry.FullName} {entry.LastWriteTimeUtc:O} {(entry is FileInfo file ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file.FullName))) : "")}"),
        ];
}
