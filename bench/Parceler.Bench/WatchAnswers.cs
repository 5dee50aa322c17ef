using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Parceler.Bench;

/// <summary>
/// Asks for one file over and over on one connection, as a machine with credentials, and prints a line whenever the
/// answer becomes another one: Unix time in milliseconds, status, entity tag. The last line counts requests and failures.
/// </summary>
internal static class WatchAnswers
{
    public static async Task RunAsync(Uri address, string credentials, TimeSpan time)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        var (last, requests, failed) = ("", 0, 0);
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < time; requests++)
        {
            using var answer = await client.GetAsync(address);
            failed += answer.IsSuccessStatusCode ? 0 : 1;
            var now = $"{(int)answer.StatusCode} {answer.Headers.ETag}";
            if (now != last)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()} {now}"));
                last = now;
            }
        }

        Console.WriteLine($"requests {requests} failed {failed}");
    }
}
