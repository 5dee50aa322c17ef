using Parceler.Tests.Support;

namespace Parceler.Tests.PostgresBucket;

// Neither SQLite nor a folder: see Support/TestDatabase and Support/TestStorage.

[Trait("Speed", "slow")]
public sealed class SyncTests : Scenarios.SyncTests;

[Trait("Speed", "slow")]
public sealed class SessionTests : Scenarios.SessionTests;

[Trait("Speed", "slow")]
public sealed class FaultyPackageTests : Scenarios.FaultyPackageTests;

[Trait("Speed", "slow")]
public sealed class AptTests(DebianPackages packages) : Scenarios.AptTests(packages);
