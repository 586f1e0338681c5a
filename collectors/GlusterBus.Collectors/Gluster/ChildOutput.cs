using System.Diagnostics;
using System.Text;

namespace GlusterBus.Collectors.Gluster;

/// <summary>What a child process said before it ended.</summary>
internal sealed record ChildOutput(int ExitCode, string Out, string Error)
{
    /// <summary>Runs a program to its end, with nothing on its standard input.</summary>
    /// <param name="start">The program and its arguments.</param>
    /// <param name="maximum">The most bytes taken from each of its two streams.</param>
    /// <param name="cancellationToken">Kills the program and its children.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The program can't be started.</exception>
    /// <exception cref="InvalidDataException">It wrote more than <paramref name="maximum"/>; it was killed.</exception>
    public static async Task<ChildOutput> RunAsync(ProcessStartInfo start, int maximum, CancellationToken cancellationToken)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.UseShellExecute = false;
        using Process process = Process.Start(start)!;
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            process.StandardInput.Close();
            Task<string> output = ReadAsync(process.StandardOutput.BaseStream, maximum, reading.Token);
            Task<string> error = ReadAsync(process.StandardError.BaseStream, maximum, reading.Token);

            // Awaited in the order of completion, so that too much on one stream ends the program at once.
            await await Task.WhenAny(output, error);
            await Task.WhenAll(output, error);
            await process.WaitForExitAsync(reading.Token);
            return new ChildOutput(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            await reading.CancelAsync();
        }
    }

    private static async Task<string> ReadAsync(Stream stream, int maximum, CancellationToken cancellationToken)
    {
        using var taken = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        int count;

        // A grandchild may keep the pipe open after the child was killed: the wait itself must end too.
        while ((count = await stream.ReadAsync(buffer, cancellationToken).AsTask().WaitAsync(cancellationToken)) > 0)
        {
            if (taken.Length + count > maximum)
            {
                throw new InvalidDataException($"more than {maximum} bytes of output");
            }

            taken.Write(buffer, 0, count);
        }

        return Encoding.UTF8.GetString(taken.GetBuffer(), 0, (int)taken.Length);
    }
}
