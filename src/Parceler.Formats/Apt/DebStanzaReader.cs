namespace Parceler.Formats.Apt;

/// <summary>
/// Reads stanza by stanza, in memory for one. Lines end with LF; lines that hold nothing part stanzas; one of a blank continues a field.
/// What is no field, or a stanza of more than <paramref name="limit"/> bytes, is an <see cref="InvalidDataException"/>.
/// </summary>
public sealed class DebStanzaReader(Stream source, int limit = DebStanzaReader.DefaultLimit)
{
    /// <summary>64 MiB: a Release is one stanza, and that of a large distribution has some megabytes.</summary>
    public const int DefaultLimit = 64 << 20;

    private const int FirstLength = 1 << 17;
    private byte[] _buffer = new byte[Math.Min(FirstLength, limit + 2)];
    private int _start; // of the stanza
    private int _end; // of what was read
    private bool _isAtEnd;
    private long _number; // of the line

    /// <summary>The stanza read last, good until the next is read; copy it to keep it.</summary>
    public DebStanza Current { get; private set; }

    /// <summary>Reads the next stanza into <see cref="Current"/>; false at the end.</summary>
    public bool Read()
    {
        SkipBlankLines();
        var at = 0;
        while (LineLength(at) is > 0 and var length)
        {
            _number++;
            if (length == 1)
            {
                break;
            }

            Check(_buffer.AsSpan(_start + at, length), isFirst: at == 0);
            at += length;
        }

        Current = new(_buffer.AsMemory(_start, at));
        _start += at;
        return at > 0;
    }

    private void SkipBlankLines()
    {
        while ((_start < _end || Fill()) && _buffer[_start] == '\n')
        {
            _start++;
            _number++;
        }
    }

    // with its LF; 0 at the end of the file
    private int LineLength(int at)
    {
        var searched = at;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                return searched + found + 1 - at;
            }

            searched = _end - _start;
            if (!Fill())
            {
                return searched > at ? EndLastLine() - at : 0;
            }
        }
    }

    // the last line of a file may lack its LF, and there is room for one
    private int EndLastLine()
    {
        _buffer[_end++] = (byte)'\n';
        return _end - _start;
    }

    private bool Fill()
    {
        if (_isAtEnd)
        {
            return false;
        }

        MakeRoom();
        var read = source.Read(_buffer.AsSpan(_end, _buffer.Length - _end - 1));
        _end += read;
        _isAtEnd = read == 0;
        return read > 0;
    }

    // for a byte and the LF of a last line that lacks it
    private void MakeRoom()
    {
        if (_end < _buffer.Length - 1)
        {
            return;
        }

        var used = _end - _start;
        if (used > limit)
        {
            throw new InvalidDataException($"Line {_number + 1} belongs to a stanza of more than {limit} bytes");
        }

        var larger = used > _buffer.Length / 2 ? new byte[(int)Math.Min(2L * _buffer.Length, limit + 2L)] : _buffer;
        _buffer.AsSpan(_start, used).CopyTo(larger);
        _buffer = larger;
        _start = 0;
        _end = used;
    }

    private void Check(ReadOnlySpan<byte> line, bool isFirst)
    {
        var isContinued = line[0] is (byte)' ' or (byte)'\t';
        if (isContinued ? isFirst : line.IndexOfAny((byte)':', (byte)' ', (byte)'\t') is var end && (end <= 0 || line[end] != ':'))
        {
            throw new InvalidDataException($"Line {_number} is no field 'Name: value' and continues none");
        }
    }
}
