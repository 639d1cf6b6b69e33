// A TCP relay in front of the namespace, whose connections a check can cut.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace ServiceBusChecks;

public sealed partial class Relay : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<TcpClient> open = [];

    public Relay(string connectionString)
    {
        var endpoint = EndpointPattern().Match(connectionString);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        ConnectionString = EndpointPattern().Replace(connectionString, $"sb://127.0.0.1:{port}");
        _ = Accept(endpoint.Groups["host"].Value, int.Parse(endpoint.Groups["port"].Value));
    }

    public string ConnectionString { get; }

    /// <summary>Cuts every connection; the next ones are let through.</summary>
    public void Cut()
    {
        while (open.TryTake(out var client)) client.Dispose();
    }

    public void Dispose()
    {
        listener.Stop();
        Cut();
    }

    private async Task Accept(string host, int port)
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptTcpClientAsync();
                var far = new TcpClient();
                await far.ConnectAsync(host, port);
                open.Add(near);
                open.Add(far);
                _ = Pass(near, far);
                _ = Pass(far, near);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The relay is disposed, or nothing listens behind it.
        }
    }

    private static async Task Pass(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }
        from.Dispose();
        to.Dispose();
    }

    [GeneratedRegex("sb://(?<host>[^:;/]+):(?<port>[0-9]+)")]
    private static partial Regex EndpointPattern();
}
