// Checks of ServiceBusReceiver: how messages come.
using Azure.Messaging.ServiceBus;

namespace ServiceBusChecks;

public static class ReceiverChecks
{
    public static readonly Dictionary<string, Func<Scene, Task>> All = new()
    {
        ["receiver-peek-lock"] = PeekLock,
        ["receiver-receive-and-delete"] = ReceiveAndDelete,
        ["receiver-peek"] = Peek,
        ["receiver-renew-lock"] = RenewLock,
        ["receiver-empty"] = Empty,
        ["receiver-enumerates"] = Enumerates,
    };

    private static async Task PeekLock(Scene scene)
    {
        await scene.Send("locked");
        await using var receiver = scene.Receiver();
        var message = await Scene.One(receiver);
        Expect.That(message.LockedUntil > message.EnqueuedTime, "locked beyond its arrival");
        Expect.That(Guid.TryParse(message.LockToken, out var token) && token != Guid.Empty, "a lock token");
        // Where the Service Bus extension of the Functions host has it from, and the workers have it from the extension.
        Expect.Equal(token, message.GetRawAmqpMessage().DeliveryAnnotations["x-opt-lock-token"], "annotated lock token");
        await using var other = scene.Receiver();
        Expect.Equal(1, (await other.PeekMessagesAsync(10)).Count, "messages while one is locked");
        await receiver.CompleteMessageAsync(message);
        await scene.NothingLeft();
    }

    private static async Task ReceiveAndDelete(Scene scene)
    {
        await scene.Send("gone");
        await using var receiver = scene.Receiver(ServiceBusReceiveMode.ReceiveAndDelete);
        Expect.Equal("gone", (await Scene.One(receiver)).Body.ToString(), "body");
        await scene.NothingLeft();
    }

    private static async Task Peek(Scene scene)
    {
        await scene.Send([.. Enumerable.Range(0, 5).Select(n => new ServiceBusMessage($"{n}"))]);
        await using var receiver = scene.Receiver();
        var first = await receiver.PeekMessageAsync();
        Expect.Equal("0", first.Body.ToString(), "first body");
        var next = await receiver.PeekMessagesAsync(2);
        Expect.Sequence(["1", "2"], next.Select(message => message.Body.ToString()), "the peeks that follow");
        var again = await receiver.PeekMessagesAsync(10, fromSequenceNumber: next[1].SequenceNumber);
        Expect.Sequence(["2", "3", "4"], again.Select(message => message.Body.ToString()), "peeks from a number");
        Expect.Equal(0, again[0].DeliveryCount, "deliveries of a peeked message");
    }

    private static async Task RenewLock(Scene scene)
    {
        await scene.Send("long work");
        await using var receiver = scene.Receiver();
        var message = await Scene.One(receiver);
        var before = message.LockedUntil;
        while (message.LockedUntil <= before) await receiver.RenewMessageLockAsync(message);
        await receiver.CompleteMessageAsync(message);
        await scene.NothingLeft();
        await Expect.Refused(
            ServiceBusFailureReason.MessageLockLost,
            () => receiver.RenewMessageLockAsync(message));
    }

    /// <summary>The client drains its credit when it has waited long enough.</summary>
    private static async Task Empty(Scene scene)
    {
        await using var receiver = scene.Receiver();
        var nothing = await receiver.ReceiveMessageAsync(TimeSpan.FromMilliseconds(200));
        Expect.That(nothing is null, "nothing comes from an empty queue");
        await scene.Send("then");
        Expect.Equal("then", (await Scene.One(receiver)).Body.ToString(), "body");
    }

    private static async Task Enumerates(Scene scene)
    {
        await scene.Send([.. Enumerable.Range(0, 30).Select(n => new ServiceBusMessage($"{n}"))]);
        await using var receiver = scene.Client.CreateReceiver(
            scene.Entity, new ServiceBusReceiverOptions { PrefetchCount = 10 });
        var bodies = new List<string>();
        await foreach (var message in receiver.ReceiveMessagesAsync())
        {
            bodies.Add(message.Body.ToString());
            await receiver.CompleteMessageAsync(message);
            if (bodies.Count == 30) break;
        }
        Expect.Sequence(Enumerable.Range(0, 30).Select(n => $"{n}"), bodies, "bodies in order");
        await scene.NothingLeft();
    }
}
