using GlusterBus.Host.Hosting;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Hosting;

public sealed class InstanceLockTests
{
    [Fact]
    public void A_second_instance_is_told_who_holds_the_folder()
    {
        using var folder = new TemporaryFolder();
        using InstanceLock first = InstanceLock.Acquire(folder.Path);

        UserException e = Should.Throw<UserException>(() => InstanceLock.Acquire(folder.Path));

        e.Message.ShouldBe($"another instance (process {Environment.ProcessId}) uses {folder.Path}; stop it, or set another dataDirectory");
        e.ExitCode.ShouldBe(ExitCode.Failure);
    }

    [Fact]
    public void A_released_folder_can_be_taken_again()
    {
        using var folder = new TemporaryFolder();
        InstanceLock.Acquire(folder.Path).Dispose();
        InstanceLock.Holder(folder.Path).ShouldBeNull();

        using InstanceLock again = InstanceLock.Acquire(folder.Path);
        InstanceLock.Holder(folder.Path).ShouldBe(Environment.ProcessId);
    }

    [Fact]
    public void What_a_killed_instance_left_is_no_obstacle()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("glusterbus.lock"), "");
        File.WriteAllText(folder.File("glusterbus.pid"), "4194304\n");

        InstanceLock.Holder(folder.Path).ShouldBeNull();
        using InstanceLock taken = InstanceLock.Acquire(folder.Path);
    }
}
