using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using GlusterBus.Notifiers.Deliveries;

namespace GlusterBus.Notifiers.Tests.Deliveries;

public sealed class FailureKindsTests
{
    public static TheoryData<Exception, string> Exceptions => new()
    {
        { new DeliveryFailedException(FailureKind.ProcessExit, "code 3"), "process-exit" },
        { new HttpRequestException(HttpRequestError.NameResolutionError, "x"), "dns" },
        { new HttpRequestException("x", new SocketException((int)SocketError.ConnectionRefused)), "refused" },
        { new HttpRequestException("x", new IOException("y", new SocketException((int)SocketError.ConnectionReset))), "refused" },
        { new HttpRequestException("x", new AuthenticationException("y")), "tls" },
        { new HttpRequestException("x", null, HttpStatusCode.BadGateway), "http-5xx" },
        { new HttpRequestException("x", null, HttpStatusCode.NotFound), "http-4xx" },
        { new TaskCanceledException("x"), "timeout" },
        { new TimeoutException("x"), "timeout" },
        { new SocketException((int)SocketError.HostNotFound), "dns" },
        { new Win32Exception(2), "other" },
        { new InvalidOperationException("x"), "other" },
    };

    [Theory]
    [MemberData(nameof(Exceptions), DisableDiscoveryEnumeration = true)]
    public void Every_exception_has_a_kind_of_the_closed_set(Exception exception, string kind) => FailureKinds.Of(exception).Name().ShouldBe(kind);
}
