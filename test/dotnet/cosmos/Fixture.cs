// Fixture of the checks: a client for the account, and containers of their own.
using System.Collections.Concurrent;
using System.Net;
using Microsoft.Azure.Cosmos;

namespace CosmosChecks;

/// <summary>A document of the checks. System.Text.Json would need a serializer of its own: the client uses Newtonsoft.</summary>
public sealed record Thing(string id, string kind, int n = 0, string? text = null, string? _etag = null);

public sealed class Fixture(string endpoint, string key) : IDisposable
{
    private readonly ConcurrentBag<CosmosClient> clients = [];
    private readonly Lazy<CosmosClient> shared = new(() => Create(endpoint, key, new HttpClientHandler()));
    private int containers;

    public CosmosClient Client => shared.Value;

    /// <summary>A database of this run, so that an account can be checked again.</summary>
    public string DatabaseId { get; } = $"dotnet-{Guid.NewGuid():N}";

    /// <summary>A further client, for a second instance; as the Functions extension is configured for the emulator.</summary>
    public CosmosClient NewClient(HttpMessageHandler? network = null)
    {
        var client = Create(endpoint, key, network ?? new HttpClientHandler());
        clients.Add(client);
        return client;
    }

    private static CosmosClient Create(string endpoint, string key, HttpMessageHandler network) =>
        new(endpoint, key, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            HttpClientFactory = () => new HttpClient(network, disposeHandler: false),
        });

    public async Task<Database> DatabaseAsync() =>
        (await Client.CreateDatabaseIfNotExistsAsync(DatabaseId)).Database;

    public async Task<Container> NewContainerAsync(string partitionKeyPath = "/kind") =>
        await (await DatabaseAsync()).CreateContainerAsync(
            $"things-{Interlocked.Increment(ref containers)}", partitionKeyPath);

    public void Dispose()
    {
        Client.Dispose();
        foreach (var client in clients) client.Dispose();
    }
}

public static class Expect
{
    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new InvalidOperationException($"{what}: expected {expected}, found {actual}");
    }

    public static void Sequence<T>(IEnumerable<T> expected, IEnumerable<T> actual, string what) =>
        Equal(string.Join(", ", expected), string.Join(", ", actual), what);

    public static void True(bool holds, string what)
    {
        if (!holds) throw new InvalidOperationException($"{what}: does not hold");
    }

    /// <summary>The call fails with this status.</summary>
    public static async Task<CosmosException> StatusAsync(HttpStatusCode expected, Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (CosmosException refused)
        {
            Equal(expected, refused.StatusCode, "status");
            return refused;
        }
        throw new InvalidOperationException($"status: expected {expected}, but the call succeeded");
    }

    /// <summary>Waits until it holds; the limit is for what hangs.</summary>
    public static async Task EventuallyAsync(Func<bool> holds, string what)
    {
        for (var left = 1_200; !holds(); left -= 1)
        {
            if (left == 0) throw new TimeoutException($"{what}: did not come true");
            await Task.Delay(50);
        }
    }
}
