using System.Security.Cryptography;
using Parceler.Formats.Archives;

namespace Parceler.Formats.Apk;

/// <summary>Reads what an .apk of apk 3 says of itself, as an index lists it. A broken or hostile file is an <see cref="InvalidDataException"/>.</summary>
public sealed class ApkReader(AdbLimits limits)
{
    /// <summary>The package with the hash and the size that belong into an index. The file is read to its end.</summary>
    public ApkPackage Read(Stream apk)
    {
        var counted = new CountedStream(apk);
        var file = AdbFile.Read(counted, limits);
        counted.CopyTo(Stream.Null); // what follows the packed content counts too
        var root = file.Schema == AdbFile.PackageSchema ? new AdbPayload(file.Payload).Root : throw new InvalidDataException("The file is no package of apk 3");
        return ApkPackage.Of(root[1]) with { Hash = SHA256.HashData(file.Payload.Span), FileSize = (ulong)counted.Count };
    }
}
