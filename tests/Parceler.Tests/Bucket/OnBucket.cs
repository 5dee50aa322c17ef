using Parceler.Tests.Support;

namespace Parceler.Tests.Bucket;

// The tests of these classes run on a folder where they are written, and here on a bucket: see Support/TestStorage.

[Trait("Speed", "slow")]
public sealed class SyncTests : Scenarios.SyncTests;

[Trait("Speed", "slow")]
public sealed class SessionTests : Scenarios.SessionTests;

[Trait("Speed", "slow")]
public sealed class FaultyPackageTests : Scenarios.FaultyPackageTests;

[Trait("Speed", "slow")]
public sealed class AptTests(DebianPackages packages) : Scenarios.AptTests(packages);

[Trait("Speed", "slow")]
public sealed class MaintenanceTests : Http.MaintenanceTests;
