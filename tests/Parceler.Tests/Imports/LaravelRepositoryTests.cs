using Parceler.Imports;

namespace Parceler.Tests.Imports;

public sealed class LaravelRepositoryTests
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.Parse("2026-09-10T12:00:00Z", null);

    [Theory]
    [InlineData("rclone sync up:x storage/app/source/demo", "rclone sync up:x source/demo")]
    [InlineData("rclone sync up:x /var/www/html/storage/app/private/source/demo/ --fast", "rclone sync up:x source/demo/ --fast")]
    [InlineData("mkdir -p ./storage/app/source/demo && wget -P \"storage/app/source/demo\" u", "mkdir -p source/demo && wget -P \"source/demo\" u")]
    [InlineData("rclone sync up:x storage/app/source/demo-two", "rclone sync up:x storage/app/source/demo-two")]
    [InlineData("rclone sync up:x /mnt/storage/app/source/demo", "rclone sync up:x /mnt/storage/app/source/demo")]
    [InlineData("rclone sync up:x space:bucket/source/demo", "rclone sync up:x space:bucket/source/demo")]
    public void A_command_that_wrote_below_the_disk_of_that_program_writes_to_the_source_here(string there, string here) =>
        Row(command: there).AdaptedCommand.Should().Be(here);

    [Theory]
    [InlineData(7, null, "2026-09-04T00:00:00+00:00")]
    [InlineData(1, null, "2026-09-10T02:00:00+02:00")]
    [InlineData(0, null, null)]
    [InlineData(7, "2026-08-01T00:00:00+00:00", "2026-08-01T00:00:00+00:00")]
    [InlineData(7, "snapshots/demo/golden", "golden")]
    [InlineData(7, "gone", null)]
    public void What_that_program_serves_is_the_oldest_within_the_delay_or_the_frozen_folder(long delay, string? freeze, string? served)
    {
        string[] folders = ["2026-08-01T00:00:00+00:00", "2026-09-04T00:00:00+00:00", "2026-09-10T02:00:00+02:00", "2026-09-11T00:00:00+00:00", "golden", "nonsense"];

        Row(delay: delay, freeze: freeze).Served(folders, s_now).Should().Be(served);
    }

    private static LaravelRepository Row(string command = "true", long delay = 7, string? freeze = null) => new("demo", command, null, delay, freeze);
}
