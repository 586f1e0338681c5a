using System.Net;
using System.Net.Http.Headers;
using System.Text;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Runtime.Telemetry;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Notifiers.Webhook;

/// <summary>Posts one document per transition, JSON unless a template makes it something else, over connections that stay open.</summary>
/// <remarks>Every answer but 2xx is an error: 408, 425, 429, 5xx and a failing connection are tried again (429 and 503 after their
/// <c>Retry-After</c>), all others are rejected. No exception and no log names token, keys, user, path or query.</remarks>
public sealed class WebhookNotifier : INotifier, IPlugin, IConnectionTest, IDisposable
{
    private readonly WebhookOptions _options;
    private readonly TimeProvider _clock;
    private readonly WebhookAddress _address;
    private readonly Lazy<HttpMessageInvoker> _invoker;
    private readonly ReloadedFile? _tokenFile;
    private readonly ReloadedFile? _secretFile;
    private readonly byte[][] _keys;
    private readonly string? _authorization;
    private readonly WebhookBody _body;
    private (IReadOnlyList<string> Lines, byte[][] Keys) _fileKeys = ([], []);

    /// <param name="options">The receiver.</param>
    /// <param name="clock">Times the attempts and stamps the signatures.</param>
    /// <param name="logger">Not used: what goes wrong travels as an exception.</param>
    public WebhookNotifier(WebhookOptions options, TimeProvider clock, ILogger<WebhookNotifier> logger)
    {
        _options = options;
        _clock = clock;
        _address = WebhookAddress.Parse(options.Url);

        // Made at first use: a missing caFile is then one notifier's trouble that can be mended, not the process's.
        _invoker = new Lazy<HttpMessageInvoker>(() => new HttpMessageInvoker(WebhookConnection.Handler(_address, options)), LazyThreadSafetyMode.PublicationOnly);
        _tokenFile = options.TokenFile is { } tokenFile ? new ReloadedFile(tokenFile, clock) : null;
        _secretFile = options.SecretFile is { } secretFile ? new ReloadedFile(secretFile, clock) : null;
        _keys = [.. options.Secrets.Select(Encoding.UTF8.GetBytes)];
        _authorization = options.Token is { } token ? "Bearer " + token : _address.Basic;
        _body = new WebhookBody(options);
    }

    public static PluginSpec Spec { get; } = PluginSpec.For<WebhookOptions>(
        "webhook",
        "Posts one document per transition to a URL: JSON, or what a template makes of it",
        """{ "url": "https://receiver.example/gluster", "timeout": "00:00:10", "concurrency": 16, "secretFile": "/etc/glusterbus/webhook.key" }""");

    public int Concurrency => _options.Concurrency;

    public async Task NotifyAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_body.Of(delivery) is not { } body)
        {
            return;
        }

        using var timer = new CancellationTokenSource(_options.Timeout, _clock);
        using CancellationTokenRegistration link = cancellationToken.UnsafeRegister(static timer => ((CancellationTokenSource)timer!).Cancel(), timer);
        int status;
        RetryConditionHeaderValue? retryAfter;
        try
        {
            using HttpRequestMessage request = Request(delivery, body);
            using HttpResponseMessage response = await _invoker.Value.SendAsync(request, timer.Token);
            status = (int)response.StatusCode;
            retryAfter = response.Headers.RetryAfter;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeliveryFailedException(FailureKind.Timeout, $"{_address} did not answer within {_options.Timeout.TotalSeconds} s");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new DeliveryFailedException(FailureKinds.Of(e), $"{_address} could not be reached: {Innermost(e).Message}");
        }

        if (WebhookAnswer.Judge(status, retryAfter, _address.Shown, _clock.GetUtcNow()) is { } error)
        {
            throw error;
        }
    }

    public async Task<IReadOnlyList<CheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        var results = new List<CheckResult>();
        foreach ((ReloadedFile? file, string option) in new[] { (_tokenFile, "tokenFile"), (_secretFile, "secretFile") })
        {
            try
            {
                if (file is { Lines.Count: 0 })
                {
                    results.Add(new CheckResult($"webhook {_address}", $"the file of {option} is empty", $"write it, or remove {option}"));
                }
            }
            catch (IOException e)
            {
                results.Add(new CheckResult($"webhook {_address}", e.Message, $"make the file of {option} readable for glusterbus, or remove {option}"));
            }
        }

        if (_body.Check($"webhook {_address}") is { } unreadable)
        {
            results.Add(unreadable);
        }

        results.Add(await WebhookConnection.CheckAsync(_address, _options, _clock, cancellationToken));
        return results;
    }

    public void Dispose()
    {
        if (_invoker.IsValueCreated)
        {
            _invoker.Value.Dispose();
        }
    }

    private HttpRequestMessage Request(Delivery delivery, ReadOnlyMemory<byte> body)
    {
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", _body.ContentType);
        var request = new HttpRequestMessage(new HttpMethod(_options.Method), _address.Target) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
        request.Headers.TryAddWithoutValidation("User-Agent", "GlusterBus");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", IdempotencyKey.Of(delivery.Transition.Id));
        if (_tokenFile is not null || _authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", _tokenFile is null ? _authorization : "Bearer " + Token(_tokenFile));
        }

        if (_keys.Length > 0 || _secretFile is not null)
        {
            request.Headers.TryAddWithoutValidation(WebhookSignature.Header, WebhookSignature.Of(body.Span, _clock.GetUtcNow(), Keys()));
        }

        foreach ((string name, string value) in _options.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                content.Headers.Remove(name);
                content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        // After the configured ones: who sets a trace of his own gets it.
        if (delivery.TraceParent is { } trace && !request.Headers.Contains(Telemetry.TraceParentHeader))
        {
            request.Headers.TryAddWithoutValidation(Telemetry.TraceParentHeader, trace);
        }

        return request;
    }

    private static string Token(ReloadedFile file) =>
        file.Lines is [var token, ..] && WebhookOptions.IsHeaderValue(token) ? token : throw new IOException("the file of tokenFile holds no token");

    private byte[][] Keys()
    {
        if (_secretFile is null)
        {
            return _keys;
        }

        IReadOnlyList<string> lines = _secretFile.Lines;
        if (lines.Count == 0)
        {
            // Never send unsigned what was configured to be signed.
            throw new IOException("the file of secretFile holds no key");
        }

        (IReadOnlyList<string> known, byte[][] keys) = _fileKeys;
        if (!ReferenceEquals(known, lines))
        {
            keys = [.. _keys, .. lines.Select(Encoding.UTF8.GetBytes)];
            _fileKeys = (lines, keys);
        }

        return keys;
    }

    private static Exception Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }

        return e;
    }
}
