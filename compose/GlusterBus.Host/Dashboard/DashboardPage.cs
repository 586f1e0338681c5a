using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace GlusterBus.Host.Dashboard;

/// <summary>The dashboard's files, which are parts of the assembly: <c>/</c> and <c>/dashboard/NAME</c>.</summary>
internal static class DashboardPage
{
    /// <summary>Scripts, styles and connections of this instance alone; nothing written into the page runs or styles, whatever a log line holds.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

    private const string Prefix = "dashboard/";

    /// <summary>Read at first use: an instance whose dashboard nobody opens does not hold it.</summary>
    private static readonly Lazy<FrozenDictionary<string, PageFile>> Files = new(Load);

    /// <summary>Answers if the path is one of the files.</summary>
    public static async Task<bool> TryAnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        bool isPage = path == "/" || path.StartsWith("/" + Prefix, StringComparison.Ordinal);
        if (!isPage || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            || !Files.Value.TryGetValue(path == "/" ? "index.html" : path[(Prefix.Length + 1)..], out PageFile? file))
        {
            return false;
        }

        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-cache";
        headers.ETag = file.Tag;
        if (context.Request.Headers.IfNoneMatch.ToString() == file.Tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return true;
        }

        headers.ContentType = file.Type;
        headers.ContentLength = file.Bytes.Length;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.BodyWriter.WriteAsync(file.Bytes, context.RequestAborted);
        }

        return true;
    }

    private static FrozenDictionary<string, PageFile> Load()
    {
        Assembly assembly = typeof(DashboardPage).Assembly;
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToFrozenDictionary(name => name[Prefix.Length..], name =>
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return new PageFile(TypeOf(name), bytes, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12))}\"");
        });
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        { } other => throw new InvalidOperationException($"the dashboard has no files of type {other}"),
    };

    private sealed record PageFile(string Type, byte[] Bytes, string Tag);
}
