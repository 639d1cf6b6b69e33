// What every check is given: a client of its own, the entity named like the check, and the few questions that most of them ask.
using Azure.Messaging.ServiceBus;

namespace ServiceBusChecks;

/// <summary>A client on one namespace and the name of the entity that belongs to one check.</summary>
public sealed class Scene(string connectionString, string entity) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public string Entity => entity;

    public string ConnectionString => connectionString;

    /// <summary>Tries an operation once and gives up after 20 s, so that a refusal is seen as what it is.</summary>
    public ServiceBusClient Client { get; } = new(
        connectionString,
        new ServiceBusClientOptions
        {
            RetryOptions = new ServiceBusRetryOptions { MaxRetries = 0, TryTimeout = TimeSpan.FromSeconds(20) },
        });

    public ServiceBusReceiver Receiver(ServiceBusReceiveMode mode = ServiceBusReceiveMode.PeekLock) =>
        Client.CreateReceiver(Entity, new ServiceBusReceiverOptions { ReceiveMode = mode });

    public ServiceBusReceiver DeadLetters() =>
        Client.CreateReceiver(Entity, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });

    public async Task Send(params ServiceBusMessage[] messages)
    {
        await using var sender = Client.CreateSender(Entity);
        await sender.SendMessagesAsync(messages);
    }

    public Task Send(string body) => Send(new ServiceBusMessage(body));

    /// <summary>The next message; fails when none comes.</summary>
    public static async Task<ServiceBusReceivedMessage> One(ServiceBusReceiver receiver) =>
        await receiver.ReceiveMessageAsync(Patience)
        ?? throw new CheckFailed($"No message came from {receiver.EntityPath}.");

    /// <summary>Exactly so many messages, in however many answers they come.</summary>
    public static async Task<List<ServiceBusReceivedMessage>> Many(ServiceBusReceiver receiver, int count)
    {
        var all = new List<ServiceBusReceivedMessage>();
        while (all.Count < count)
        {
            var more = await receiver.ReceiveMessagesAsync(count - all.Count, Patience);
            if (more.Count == 0) throw new CheckFailed($"{all.Count} of {count} messages came from {receiver.EntityPath}.");
            all.AddRange(more);
        }
        return all;
    }

    /// <summary>That nothing is in the entity, in whatever state; a receiver of its own peeks from the beginning.</summary>
    public async Task NothingLeft()
    {
        await using var receiver = Receiver();
        Expect.Equal(0, (await receiver.PeekMessagesAsync(100)).Count, "messages left");
    }

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
