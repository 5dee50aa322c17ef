using System.Globalization;
using System.Text;
using System.Xml;
using Parceler.Formats.Compression;

namespace Parceler.Formats.Rpm;

/// <summary>
/// Walks over an index of rpm, element by element, without holding it. No DTD, so no entities; what is no XML, or beyond the limits, is an
/// <see cref="InvalidDataException"/>.
/// </summary>
internal sealed class IndexXml : IDisposable
{
    private const int Deepest = 32;
    private readonly RpmLimits _limits;
    private readonly XmlReader _xml;
    private readonly char[] _buffer = new char[4096];
    private long _taken;

    public IndexXml(Stream index, RpmLimits limits)
    {
        _limits = limits;
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true };
        _xml = XmlReader.Create(new TagLengthStream(new LimitedStream(index, limits.Index), limits.Text), settings);
    }

    public string Name => _xml.LocalName;

    public int Depth => _xml.Depth;

    /// <summary>Goes to the next element that begins; false at the end.</summary>
    public bool NextElement()
    {
        while (Move())
        {
            if (_xml.NodeType == XmlNodeType.Element)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Goes to the next element below one of a depth; false where that ends.</summary>
    public bool NextElement(int below)
    {
        while (!(_xml.NodeType == XmlNodeType.EndElement && _xml.Depth == below) && Move())
        {
            if (_xml.NodeType == XmlNodeType.Element && _xml.Depth > below)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the element has an end of its own, so that others may stand in it.</summary>
    public bool IsOpen => !_xml.IsEmptyElement;

    /// <summary>Begins to count anew what an entry takes.</summary>
    public void BeginEntry() => _taken = 0;

    public string? Attribute(string name)
    {
        var value = _xml.GetAttribute(name);
        Count(value?.Length ?? 0);
        return value;
    }

    public string Required(string name) => Attribute(name) ?? throw new InvalidDataException($"The index has a {Name} without {name}");

    public long Number(string name) => ParseNumber(Attribute(name) ?? "0");

    /// <summary>The epoch of a version; 0 where there is none.</summary>
    public uint Epoch() => Number("epoch") is >= 0 and <= uint.MaxValue and var epoch ? (uint)epoch : throw new InvalidDataException("The index has an epoch that is none");

    /// <summary>The text of an element that holds no others.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        for (var isEmpty = _xml.IsEmptyElement; !isEmpty && Move() && _xml.NodeType != XmlNodeType.EndElement;)
        {
            if (_xml.NodeType == XmlNodeType.Element)
            {
                throw new InvalidDataException($"The index has a {Name} where a text should be");
            }

            Append(text);
        }

        return text.ToString();
    }

    public long NumberText() => ParseNumber(Text());

    public void Dispose() => _xml.Dispose();

    private static long ParseNumber(string text) => long.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new InvalidDataException($"The index has '{(text.Length > 40 ? text[..40] : text)}' where a number should be");

    private void Append(StringBuilder text)
    {
        while (_xml.CanReadValueChunk && Guard(() => _xml.ReadValueChunk(_buffer, 0, _buffer.Length)) is > 0 and var read)
        {
            Count(read);
            text.Append(_buffer, 0, read);
        }
    }

    private bool Move()
    {
        var isThere = Guard(_xml.Read);
        Count(1);
        return isThere && _xml.Depth > Deepest ? throw new InvalidDataException("The index is nested too deeply") : isThere;
    }

    private void Count(int characters)
    {
        _taken += characters;
        if (_taken > _limits.Entry)
        {
            throw new InvalidDataException($"The index says more than {_limits.Entry} characters of one package");
        }
    }

    private static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (XmlException error)
        {
            throw new InvalidDataException($"The index is damaged or cut short: {error.Message}", error);
        }
    }
}
