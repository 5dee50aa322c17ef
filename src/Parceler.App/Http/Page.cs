namespace Parceler.App.Http;

/// <summary>A short page in one piece: no script, nothing loaded from elsewhere.</summary>
internal static class Page
{
    private const string Style =
        "body{font:1rem/1.6 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1rem;color:#1c2733;background:#fff}"
        + "h1{font-size:1.5rem}code{background:#eef2f5;padding:.1em .35em;border-radius:.25em}"
        + "@media(prefers-color-scheme:dark){body{color:#dde5ec;background:#14191e}code{background:#232c34}}";

    public static string Of(string title, string body) =>
        $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title} · Parceler</title><style>{Style}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>";

    public static string Start() =>
        Of(
            "Parceler",
            "<p>This service delivers package repositories to subscribed machines, from snapshots that have aged.</p>"
                + "<p>Machines find their repositories below <code>/repository/TIER/NAME/</code>, with their own credentials.</p>"
                + "<p>Operators work with the command <code>parceler</code>: begin with <code>parceler repository list</code>.</p>"
        );
}
