using System.Net.Sockets;
using GlusterBus.Host.Api;
using GlusterBus.Host.Hosting;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Api;

[Collection(Alone.Name)]
public sealed class InstanceClientTests
{
    [Fact]
    public async Task Without_an_instance_the_client_says_how_to_start_one()
    {
        using var folder = new TemporaryFolder();
        string socket = folder.File("api.sock");

        UserException e = await FailureAsync(new InstanceAddress(socket, null, null));

        e.ExitCode.ShouldBe(ExitCode.NoInstance);
        e.Message.ShouldBe($"no running instance at {socket}; start one with `glusterbus up`");
    }

    [Fact]
    public async Task A_socket_that_a_dead_instance_left_counts_as_none()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("api.sock");
        LeaveSocket(path);

        (await FailureAsync(new InstanceAddress(path, null, null))).ExitCode.ShouldBe(ExitCode.NoInstance);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_counts_as_none()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        string server = $"http://{listener.LocalEndpoint}";
        listener.Stop();

        UserException e = await FailureAsync(new InstanceAddress("", new Uri(server), null));

        e.ExitCode.ShouldBe(ExitCode.NoInstance);
        e.Message.ShouldStartWith($"no running instance at {server};");
    }

    [Fact]
    public void A_socket_that_a_dead_instance_left_is_removed_before_the_start()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("api.sock");
        LeaveSocket(path);
        File.Exists(path).ShouldBeTrue();

        SocketFile.Prepare(path);

        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public void A_socket_that_answers_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("api.sock");
        using var living = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        living.Bind(new UnixDomainSocketEndPoint(path));
        living.Listen();

        Should.Throw<UserException>(() => SocketFile.Prepare(path)).Message.ShouldStartWith($"another instance answers on {path}");
    }

    private static void LeaveSocket(string path)
    {
        // .NET removes the file of a socket that it closes; a second name keeps it, as kill -9 would.
        using var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        dead.Bind(new UnixDomainSocketEndPoint(path + ".own"));
        File.Move(path + ".own", path);
    }

    private static async Task<UserException> FailureAsync(InstanceAddress address)
    {
        using var client = new InstanceClient(address);
        return await Should.ThrowAsync<UserException>(async () =>
        {
            await foreach (string _ in client.LinesAsync("/v1/state", null, TestContext.Current.CancellationToken))
            {
            }
        });
    }
}
