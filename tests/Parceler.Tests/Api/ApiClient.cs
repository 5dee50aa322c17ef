using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Parceler.Operators;
using Parceler.Tests.Support;

namespace Parceler.Tests.Api;

/// <summary>An answer of the API.</summary>
internal sealed record ApiAnswer(int Status, string Text, HttpResponseMessage Message)
{
    public JsonElement Json => JsonElement.Parse(Text);

    public string Detail => Json.GetProperty("detail").GetString()!;

    public string[] Items(string property) => [.. Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty(property).ToString())];

    public string? Header(string name) => Message.Headers.TryGetValues(name, out var values) ? string.Join(" | ", values) : null;

    /// <summary>It has to be an error, told as problem details, that names what it is about.</summary>
    public ApiAnswer ShouldBeProblem(int status, string naming = "")
    {
        Status.Should().Be(status, Text);
        Message.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        Json.GetProperty("status").GetInt32().Should().Be(status);
        Detail.Should().NotBeEmpty();
        Detail.Contains(naming, StringComparison.Ordinal).Should().BeTrue("it says {0}", Detail);
        return this;
    }

    public ApiAnswer ShouldBe(int status)
    {
        Status.Should().Be(status, Text);
        return this;
    }
}

/// <summary>Somebody who uses the API.</summary>
internal sealed class ApiClient(TestParceler parceler, string? token = null) : IDisposable
{
    public const string Password = "correct horse battery";
    private readonly HttpClient _http = parceler.Client(id: null);

    /// <summary>What the browser would send along.</summary>
    public string? Cookie { get; set; }

    public string? CsrfToken { get; set; }

    /// <summary>Where a trusted proxy says that it calls from.</summary>
    public string? From { get; init; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Somebody with a token of these scopes.</summary>
    public static async Task<ApiClient> OfAsync(TestParceler parceler, Scopes scopes = Scopes.Read | Scopes.Operate | Scopes.Release, string name = "ci") =>
        new(parceler, await parceler.Get<ApiTokens>().CreateAsync(AccountName.Parse(name), scopes, expiresAt: null, Cancellation));

    public static Task AddOperatorAsync(TestParceler parceler, string name = "jo", string role = "operator") =>
        parceler.Get<OperatorCatalog>().AddAsync(AccountName.Parse(name), role, Password, Cancellation);

    public Task<ApiAnswer> GetAsync(string path) => SendAsync("GET", path);

    public Task<ApiAnswer> SendAsync(string method, string path, string? body = null, params (string Name, string Value)[] headers) =>
        SendContentAsync(method, path, body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"), headers);

    public async Task<ApiAnswer> SendContentAsync(string method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new(method), path.StartsWith('/') ? path : $"/api/v1/{path}") { Content = body };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        (string Name, string? Value)[] own = [("Cookie", Cookie), ("X-CSRF-Token", CsrfToken), ("X-Forwarded-For", From)];
        foreach (var (name, value) in own.Concat(headers.Select(header => ((string Name, string? Value))header)).Where(header => header.Value is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var answer = await _http.SendAsync(request, Cancellation);
        return new((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation), answer);
    }

    /// <summary>Signs in, and keeps what a browser keeps.</summary>
    public async Task<ApiAnswer> SignInAsync(string name = "jo", string password = Password)
    {
        var answer = await SendAsync("POST", "sessions", JsonSerializer.Serialize(new Dictionary<string, string> { ["name"] = name, ["password"] = password }));
        if (answer.Status == 201)
        {
            Cookie = answer.Header("Set-Cookie")!.Split(';')[0];
            CsrfToken = answer.Json.GetProperty("csrfToken").GetString();
        }

        return answer;
    }

    public void Dispose() => _http.Dispose();
}
