using Parceler.Delivery;

namespace Parceler.Tests.Delivery;

public sealed class RequestPathTests
{
    [Theory]
    [InlineData("/repository/enterprise/netsec/a/b.ipk", "enterprise", "netsec", "a/b.ipk")]
    [InlineData("/repositories/enterprise/netsec/a", "enterprise", "netsec", "a")]
    [InlineData("/repository/enterprise/netsec/a%2Bb%7E1.ipk?x=/../", "enterprise", "netsec", "a+b~1.ipk")]
    [InlineData("/repository/enterprise/netsec/a%2bb%7ec", "enterprise", "netsec", "a+b~c")]
    [InlineData("/repository/enterprise/netsec/a+b~c", "enterprise", "netsec", "a+b~c")]
    [InlineData("/repository/enterprise/netsec/a%252Fb", "enterprise", "netsec", "a%2Fb")]
    [InlineData("/repository/enterprise/netsec/caf%C3%A9", "enterprise", "netsec", "café")]
    [InlineData("/repository/enterprise/netsec/..a/b..", "enterprise", "netsec", "..a/b..")]
    [InlineData("http://parceler.example/repository/enterprise/netsec/a", "enterprise", "netsec", "a")]
    [InlineData("/repository/enterprise/netsec", "enterprise", "netsec", "")]
    [InlineData("/repository/enterprise", "enterprise", "", "")]
    public void Takes_a_target_apart(string target, string tier, string repository, string path)
    {
        var parsed = RequestPath.Parse(target);

        parsed.Kind.Should().Be(TargetKind.File);
        parsed.Tier.ToString().Should().Be(tier);
        parsed.Repository.ToString().Should().Be(repository);
        parsed.Path.ToString().Should().Be(path);
    }

    [Theory]
    [InlineData("/repository/enterprise/netsec/./x", "x")]
    [InlineData("/repository/enterprise/netsec/././a/./././b%253a1.deb", "a/b%3a1.deb")]
    [InlineData("/repository/enterprise/netsec/.a/./b./c", ".a/b./c")]
    public void Tells_targets_as_apt_writes_them_for_flat_suites(string target, string path)
    {
        var parsed = RequestPath.Parse(target);

        (parsed.Kind, parsed.Tier.ToString(), parsed.Repository.ToString(), parsed.Path.ToString()).Should().Be((TargetKind.DottedFile, "enterprise", "netsec", path));
    }

    [Theory]
    [InlineData("/repository/enterprise/netsec/../x")]
    [InlineData("/repository/./enterprise/netsec/x")]
    [InlineData("/repository/enterprise/./netsec/%2e/x")]
    [InlineData("/repository/enterprise/netsec/x/.")]
    [InlineData("/repository/enterprise/netsec/./../x")]
    [InlineData("/repository/enterprise/netsec/./%2e/x")]
    [InlineData("/repository/enterprise/netsec/.//x")]
    [InlineData("/repository/enterprise/netsec/.")]
    [InlineData("/repository/enterprise/netsec/%2e%2e/x")]
    [InlineData("/repository/enterprise/netsec/%2E/x")]
    [InlineData("/repository/enterprise/netsec/.%2e/x")]
    [InlineData("/repository/enterprise/netsec/a%2Fb")]
    [InlineData("/repository/enterprise/netsec/a%2fb")]
    [InlineData("/repository/enterprise/netsec/a%00b")]
    [InlineData("/repository/enterprise/netsec/a\\b")]
    [InlineData("/repository/enterprise/netsec/a%5Cb")]
    [InlineData("/repository/enterprise/netsec//a")]
    [InlineData("/repository/enterprise/netsec/a/")]
    [InlineData("/repository//netsec/a")]
    [InlineData("/repository/")]
    [InlineData("/repository/enterprise/netsec/a%")]
    [InlineData("/repository/enterprise/netsec/a%2")]
    [InlineData("/repository/enterprise/netsec/a%zz")]
    [InlineData("/repository/enterprise/netsec/a%FF")]
    [InlineData("/repository/enterprise/netsec/a%0Ab")]
    public void Refuses_what_no_client_of_a_repository_writes(string target) => RequestPath.Parse(target).Kind.Should().Be(TargetKind.Malformed);

    [Theory]
    [InlineData("/")]
    [InlineData("/up")]
    [InlineData("/repository")]
    [InlineData("/repositoryx/a")]
    [InlineData("/Repository/a/b/c")]
    [InlineData("*")]
    public void Leaves_other_targets_to_others(string target) => RequestPath.Parse(target).Kind.Should().Be(TargetKind.Elsewhere);
}
