namespace Parceler.Tests.Formats.Apk;

/// <summary>
/// Files of apk-tools 3.0.6, which Debian does not have: three packages (deflate, zstd, not packed), made with apk mkpkg, and their index by
/// apk mkndx --description "a feed", signed with the two keys.
/// </summary>
internal static class ApkSamples
{
    public static readonly byte[] Hello = Convert.FromBase64String(
        "QURCZHN0cdIrSM5Ol2FiAAMeJoYHrBmpOTn5bIZ6BrpFhlzBiZXFChCRvPzEouQMZl/PEO601NSUYn2wMKMjT0ZJSYGVvn6qXn5ROktOZlIyA8g4NwaGBsYk"
        + "RkMWIDsEyA4DYlYGBgHGZAYGkFgGkA+yUxwklsJoBBKrAYrVATEnUAyoliGCgeFBDhADFT7wAWLGRAaw2UuAapiRzAWxVwDlNwCxSH5Bal55UYlVYlJmWWpR"
        + "cWZ+nq0hUB6k5gRQLUgPS1F+fgkDxB1vGRkE3gDF3kDNAYEvQHOYS4uLQHwBRoYGEF9hxqs8f8V8/S3b5v+fbeXSomORkbOs9fPX2CM9sfYbBaqfQM1bgmQe"
        + "G5DPAaRdGIHmAY0CGacANI8daLZ+UmYeyC8hQDmQvhyoPSVAvohijK7NsV9cpeECD1PTPN6FlafmXwGqEYOaxwfEPUD1okBaAYjVgVgbiM2B2BIargwQP4Ps"
        + "ZEgB0hOAZu8BYgY0ABQA288CsheIayBuBfnjwR9GiPo4BgYHBpbsW6bL/PevdzZr2jy5OLLxvoEbkyLD3KaHPoK1ClVimXJcmw/22WT/vrTLui9dhjtbUsCz"
        + "ZcJ9oJK91xIVt+kItZ3Y+F15le4LBcvcOaHTdvbyMlkvnBbG+FaJgYEfGvaMoHSRycUAAA==");

    public static readonly byte[] Aplus = Convert.FromBase64String(
        "QURCYwIAKLUv/QBgnQgAZhE/PhAlKY0BAAAlLOAqhYJoAQIi/E5AVpwsKxTQizzdhnKZJiYCdq+PpRDLIYXFLStDV6rAFavWAtN+2bfGPjsFMwA1AC4A4HS/"
        + "tF/ynj5/95uQZNl5aHBQihPrFNJCtBlRPki0StbESDYbYyKg+nR4hiWvVgwCQ3URh2D+7iUCOTmH4tVYrFR0VgB+UmJGMQRrqpRLgJcbm4ls6ID1tHzkOJKI"
        + "oPrgfsZPS9mM1g9P8DOQBsQbbmVhJoXC4fDAFFA7NjQG9W0yf1ef5Q+AuUZMpWwm2g/5fr2v7X98C7jEf/50n1SfCPVz59TfqF/xd97T97/9hP2D/dt+wf7o"
        + "BwAXZliJJ4g55AN7xRaMUTD7AnM=");

    public static readonly byte[] Empty = Convert.FromBase64String(
        "QURCLnBja2d0AAAAAAAAAGgAAOAFZW1wdHkBMwF4Bng4Nl82NANNSVQUBzXdgExw0Grs26pxDMghnGtrqZkAAA0AAAAIAACADgAAgB0AAIAQAACAEgAAgBkA"
        + "AIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABACAAAANAAA4AAAAAA=");

    public static readonly byte[] Index = Convert.FromBase64String(
        "QURCZHN0cdLLzEupWMHEAAYzmBgesCYW5JQWcxjFFyUb6hYZiGzYetVSOu/WrjuWVuvkJt05k8HDL89YwVZhYRZvZsLs6xmicDF3cfKFvu9X/3oqupzy+Xg+"
        + "5n/xp55VzhsfPn7lKbFB5hcDAx/QbA4GhgYg3WAJxDpArAfEpkDMgAUwMzAIKDEyCLCm5haUVDIai7Cb3m3wKbiQ9eb2qkKeE4pzsrNXzlTQ+nDHmrdq58Jn"
        + "01ySrqll77u6ovJG3lKRDmkhWbfH4Ww2EHunAO2YBcQbibAXCASAEgKsGak5OflshnoGukWGIooxujbHfnGVhgs8TE3zeBdWnpp/hSs4sbJYAaIsLz+xKDmD"
        + "Oy01NaVYHyzE6MiTUVJSYKWvn6qXX5TOmMRoyMACNDyakaEhFohZgXYwJjOAxQoYIW4RB4mlMBqBxFqAYm1AzAkUY8nJTAIqZQBF0QyIXoYERoYHJUDcAcQL"
        + "gJgxESK/ByjPjGQPiH0AKH8CiEXyC1LzyotKrBKTMstSi4oz8/NsDSFhDTSAoQGkR+HE+VW8UeZCJ/aoi0rasuY5J0vvqHg2K2ZS+t3+axrTq0uAasWAmAeo"
        + "VgiIWZiA4QmkLRkhYeoApH2A2I8REb6guPwGjMsUIL0C6I4rQIwe6D+AYmyJCqAQBIdJDNBJV4BYA5geQe5rANrTAWTHMTA4MLBk3zJd5r9/vbNZ0+bJxZGN"
        + "9w3cmBQZuk78Xms7z6maqdY0cfqrE7tDdSvNPyccnplUpLDA7JZMEVDJLfd7/E+ZX+32kxcpEcvU13WY94298cinfC2vidcC3m5/BPQbI8j8v1d3Llrf4npU"
        + "bqJUfs1v2SurFv2JPNFzLvVZbV1fdtdz+Zev1afmCi9m7Y5udjXx3a+/IX/r87DwpBUdujlfd27aczZXVeJv2ZJIqyn9yqp61UwJ9gVWp9w8GgOrHSQX/l/Q"
        + "zCYwYWO9FdtWFUaefb0VwTF9IWYTBOy5W1aEzBHJlVRxOjFnKfs3ezYFy2jZI9o6ApISZsq8Yt/WTX5ZHpqW99utM59PZ/sSBaGT+m/eGJjVGeupiHy6INew"
        + "o1P8o9SJBwEWdft/VVZYllxV/We6ch3LhgU7nX1P/7l8bYp1iB2njXNe86VpG7Q+XZrctKZhw+KKy3xuizIzLx3guyPGn3T3zzyrggur9M7n/uG8vPSWv15O"
        + "Qn/kC1AEAAA=");

    public const string EcdsaKey = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEURDtSceyWi5i9//5VGv1Plz6JJxY
        sNqwjIOWH+DRRjDfBR2RJZdH6eAPvM3K4etJ+ZpJ+cwzTawPnrWQYBb1fA==
        -----END PUBLIC KEY-----
        """;

    public const string RsaKey = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzovNUCUAupYnfopA44J7
        GqLt5rc+E0hJqlSU1SUg7/0swVvyDfZYijCpWM5Bx1OwXFb27QW4IBTugIkHWJ4H
        LijRO9HpNMi5MfhC+PID1YA3BaHQKrrHYZ0R6ENzOZU+gn4iEruhoW5xxnvD6bCf
        T15Tb95Cp1YKj625ZjU/9vFdb0fW8h9ZN2GaIj/V/Cyuc5c4g45e9HPVrKJA9jQP
        q3AtmrR/wJuBU8a6bgo44PLR1PnLUCQlUI1zkzy8qZDaeqVp6AHzbtGVU1kceWu0
        2VfmrI/TJ34NjInvRCcNNv5Uw/NIm8FPcRAPQoiYesPWzMgKeXB/m85co8EfUpMP
        twIDAQAB
        -----END PUBLIC KEY-----
        """;

    /// <summary>A package of apk 2, put together with tar, gzip and openssl, that apk verify takes; signed over SHA-1 by the RSA key, as test.rsa.pub.</summary>
    public static readonly byte[] HelloV2 = Convert.FromBase64String(
        "H4sIAAAAAAACA9ML9nT30wsKdtQrSS0u0SsqTtQrKE1ioCowAAIzExMwDQTotIEJEhssbmhoYmjMoGDAQAdQWlySWKSgwDBCgc55+6MeM3QKlsfJ3fJOcb1q"
        + "Wr0kYv5v747s3/vUbxiUeAucvP8s4+aimBq1Ey13jNf+tDk9I+WdSstWPoZPipdDT+7uPfDzzqyTUp3zFOfHczEZbn3PoS22ocdf82tHziXGLRNj937vO9T1"
        + "wquG1eDM9Xv3eC4k/YvWk7Te0jZ/033WqV92pGZtncnq8uOwXsFSjtbrPraZJ+rDZGZ4LHlqd2bpw3rdIkPRtWty7ymKO03tnvaiOfn5k33JFzWceMKubYhs"
        + "zK7/wHP21ZxysWm+sTs+tUrsV0qRubb2/o1GZv+JBoJrTrIrT/zD8v3b5GVPT3nZhE7cU1Nz617nfWHn1+0psW/YF9isZFhmf59hhAMAjMUdxgAEAAAfiwgA"
        + "AAAAAAID5VPJTsMwEM3ZX2GJM8XZnYpWcKGqEIsEdzS2J6nVbHLSquXrmYRSEFKP5cKT7Jk39iwe25Pn+8Xy8e7JOyMEIYmiURJ+S1oLjvqnPRUi9rjw/gCb"
        + "rgfHufdPccEXWKODHg1Xew5qY0vD2nVRQ4V8xldYls3At+iI+hNx6fyBG+w0GV5g3x02bVw5OPR9202vrnAHVVvipHEFG4MayjFESL/umbWg11CMcW/5Ndz8"
        + "cJmzzr4P20MGTq9I2cnkLYlY42xh62Nhuqkq2xMVfhBGcZLKDJQ2mJ/irAJb9zROpC2txrobMj8sX5nBFmtDpLRKfzM1n1EPXLO11AXiujLTsZ7ZoT90VlhB"
        + "N9QdmRjjUIlI6UBkkKIMpclVmuY6SQClzNM0MLHJY/oHUsc6k+BnOvdpDoT02Xlf5gfp9BvkAAQAAB+LCAAAAAAAAgPt0U0OQDAUReE3toruQP28Wg+JhERI"
        + "0P1rzIiYVYjzTe6dH7/MqURmg0p13+C8F99p5sSoPMAvaz0bIz/lQ/+mH9N39a9yR/9H+3ftMEwR+7uyvOlfHPtntrAqxtI/uq5PBAAAAAAAAAAAAAAAAN+1"
        + "AUClemcAKAAA");

    /// <summary>Its index by apk index --description "v2 feed", signed in the same way.</summary>
    public static readonly byte[] IndexV2 = Convert.FromBase64String(
        "H4sIAAAAAAACA9ML9nT30wsKdtQrSS0u0SsqTtQrKE1ioCowAAIzExMwDQTotIEJEhssbmhoYmjMoGDAQAdQWlySWKSgwDBCgeJrkVTtLv3G+yKc9yMePNrr"
        + "cPIHv79lq2N5gyY3W6jLhkW++8V7RO4wSUd2x1QLbOpbUeNTtNxV69Jd88Jj4reUhJhC7AWbl3JMlLnxPjHoUvqq7ADT6S+5D17a334k+U/LrP5Eb90DN2sF"
        + "xVc6XwtJ+aUX6vjYnnXziTWLmk2KlzMIWr0+cYk95Hy2vNs3P0ZZ+6vaCeeEb1qa2083OnLWzLFCJ6Z4ksh877RHn87v8jmlZ2Oj9um63oY9xVZBa10Xrotb"
        + "7VOp9DC70pstdc+eGd6Tlyw5mz3vTOSXjhD2HWE6p9PcFs5wTVb7L+gfsErGW0JRvrS8TFJ4eXVX8YvOlVYx38usjMpurGAY4QAA61OMYQAEAAAfiwgAAAAA"
        + "AAID7dPNTsJAEAfwnucp9gWEnX5sy8QSCZBYFai0YG+mX0iTNsVSAd9eFEwMUTlBYtzfZbLZyc4c9t/re92x4/rOaKicCt8Suv5Rtw7rO5OjoXEUhkBTcERd"
        + "Q4Vx5QxelnVYMaZUZVn/1nfs/o9aqWyWpoki/U8d99YZ9vrBKWcczb+mqwf554Ym838OXbpHX71xR9k0Gq+ziRU8BIPrOJkG62r1zG1waZ7meQlTwga/qBA6"
        + "tLHEo9DBIwtb4JAGPnnh65LtGic0r+vFkprNdBMWizxtlNUT3NHA8aHcP1ZQh12GV18a2lATmp8fAmLiqGq6IUyrFUZxks5+OkOP8iyKWdS2ERYUF8luhr1f"
        + "F2TGJUmSvvMGlQylXAAMAAA=");
}
