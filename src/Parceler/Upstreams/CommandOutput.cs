using System.Collections.Concurrent;
using System.Text;

namespace Parceler.Upstreams;

/// <summary>
/// Cuts the output of a command into lines while it runs. Holds one line at a time, however much comes: a reader that is
/// slow makes the command wait.
/// </summary>
internal sealed class CommandOutput(Action<string> onLine)
{
    private const int LongestLine = 4096; // bytes
    private const int LastLineCount = 10;
    private const int LongestLastLine = 500; // characters

    private readonly byte[] _line = new byte[LongestLine];
    private readonly ConcurrentQueue<string> _lastLines = new();
    private int _length;
    private bool _cut;
    private bool _afterReturn;
    private volatile bool _abandoned;

    public IReadOnlyList<string> LastLines => [.. _lastLines];

    /// <summary>From now on nobody takes the lines.</summary>
    public void Abandon() => _abandoned = true;

    public void ReadToEnd(Stream output)
    {
        var buffer = new byte[16384];
        while (output.Read(buffer) is > 0 and var count && !_abandoned)
        {
            Take(buffer.AsSpan(0, count));
        }

        if (_length > 0 && !_abandoned)
        {
            EndLine();
        }
    }

    // Progress bars end their lines with \r alone; \r\n is one end.
    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_afterReturn && bytes[0] == '\n')
            {
                bytes = bytes[1..];
            }

            _afterReturn = false;
            var end = bytes.IndexOfAny((byte)'\r', (byte)'\n');
            Append(end < 0 ? bytes : bytes[..end]);
            if (end < 0)
            {
                return;
            }

            EndLine();
            _afterReturn = bytes[end] == '\r';
            bytes = bytes[(end + 1)..];
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        var fitting = Math.Min(bytes.Length, LongestLine - _length);
        bytes[..fitting].CopyTo(_line.AsSpan(_length));
        _length += fitting;
        _cut |= fitting < bytes.Length;
    }

    private void EndLine()
    {
        var line = Encoding.UTF8.GetString(_line.AsSpan(0, _length));
        line = _cut ? line.TrimEnd('\uFFFD') + '…' : line; // the cut may go through a character
        (_length, _cut) = (0, false);
        line = Printable(line);
        Remember(line);
        onLine(line);
    }

    // A NUL is refused by databases, an escape sequence would act on the terminal of who reads the log.
    private static string Printable(string line) =>
        line.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0
            ? line
            : string.Create(line.Length, line, (to, from) =>
            {
                for (var i = 0; i < to.Length; i++)
                {
                    to[i] = from[i] != '\t' && char.IsControl(from[i]) ? '\uFFFD' : from[i];
                }
            });

    private void Remember(string line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        _lastLines.Enqueue(line.Length > LongestLastLine ? string.Concat(line.AsSpan(0, LongestLastLine - 1), "…") : line);
        if (_lastLines.Count > LastLineCount)
        {
            _lastLines.TryDequeue(out _);
        }
    }
}
