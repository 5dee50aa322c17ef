using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Parceler.Tests.Support;

/// <summary>A real nginx in front of a service, with its configuration and all its files in a folder of its own.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly Process _process;

    private Nginx(TempFolder folder, Uri address, string configuration)
    {
        (_folder, Address) = (folder, address);
        var file = _folder.Write("nginx.conf", configuration);
        _process = Process.Start(new ProcessStartInfo("nginx", ["-p", _folder.Path, "-c", file, "-e", "stderr"]) { RedirectStandardError = true })!;
    }

    public Uri Address { get; }

    /// <summary>One line for each request: status, target, bytes, and where X-Accel-Redirect led.</summary>
    public string[] Lines => File.ReadAllLines(_folder["access.log"]);

    public static Task<Nginx> StartAsync(Uri behind, string storage)
    {
        var (folder, port) = (new TempFolder(), FreePort.Find());
        return StartAsync(folder, new($"http://127.0.0.1:{port}/"), Configuration(folder, behind, storage, port));
    }

    /// <param name="folder">Where its files are; removed at the end.</param>
    public static async Task<Nginx> StartAsync(TempFolder folder, Uri address, string configuration)
    {
        var nginx = new Nginx(folder, address, configuration);
        for (var tries = 0; !await nginx.ListensAsync(); tries++)
        {
            if (tries == 100 || nginx._process.HasExited)
            {
                nginx._process.Kill(entireProcessTree: true);
                var said = await nginx._process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
                await nginx.DisposeAsync();
                Assert.Fail("nginx did not start: " + said);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        return nginx;
    }

    /// <summary>Ends it, with all that it still had to write.</summary>
    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            using var stop = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    // What nginx makes of a blob's own time is of no use to anybody: blobs are touched, and shared by paths. Its conditions are
    // judged by the service, and ranges by the tag and the date that the service gave.
    private static string Configuration(TempFolder folder, Uri behind, string storage, int port) =>
        $$"""
        daemon off;
        pid {{folder["pid"]}};
        user {{Environment.UserName}};
        worker_processes 1;
        events { worker_connections 64; }
        http {
          log_format line '$status $request_uri $body_bytes_sent $sent_http_x_from';
          access_log {{folder["access.log"]}} line;
          client_body_temp_path {{folder["body"]}};
          proxy_temp_path {{folder["proxy"]}};
          fastcgi_temp_path {{folder["fastcgi"]}};
          uwsgi_temp_path {{folder["uwsgi"]}};
          scgi_temp_path {{folder["scgi"]}};
          server_tokens off;
          server {
            listen 127.0.0.1:{{port}};
            location / {
              proxy_pass {{behind.GetLeftPart(UriPartial.Authority)}};
              proxy_http_version 1.1;
              proxy_set_header Host $http_host;
              proxy_set_header Connection "";
            }
            location /x-accel/ {
              internal;
              alias {{storage}}/blobs/;
              etag off;
              if_modified_since off;
              add_header ETag $upstream_http_etag;
              add_header Last-Modified $upstream_http_last_modified;
              add_header X-Content-Type-Options nosniff;
              add_header X-From blobs;
            }
          }
        }
        """;

    private async Task<bool> ListensAsync()
    {
        try
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(Address.Host, Address.Port, TestContext.Current.CancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
