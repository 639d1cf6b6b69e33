// Checks of ServiceBusSender.
using Azure.Messaging.ServiceBus;

namespace ServiceBusChecks;

public static class SenderChecks
{
    public static readonly Dictionary<string, Func<Scene, Task>> All = new()
    {
        ["sender-single"] = Single,
        ["sender-batch"] = Batch,
        ["sender-large"] = Large,
        ["sender-too-large"] = TooLarge,
        ["sender-scheduled"] = Scheduled,
        ["sender-cancel"] = Cancel,
        ["sender-duplicates"] = Duplicates,
        ["sender-no-entity"] = NoEntity,
    };

    private static async Task Single(Scene scene)
    {
        await scene.Send(new ServiceBusMessage("hello") { MessageId = "m-1" });
        await using var receiver = scene.Receiver();
        var message = await Scene.One(receiver);
        Expect.Equal("m-1", message.MessageId, "message id");
        Expect.Equal("hello", message.Body.ToString(), "body");
        Expect.Equal(1, message.DeliveryCount, "delivery count");
        Expect.That(message.SequenceNumber > 0, "a sequence number");
        Expect.That(message.EnqueuedTime > DateTimeOffset.UnixEpoch, "an enqueued time");
    }

    private static async Task Batch(Scene scene)
    {
        await using var sender = scene.Client.CreateSender(scene.Entity);
        using var batch = await sender.CreateMessageBatchAsync();
        for (var n = 0; n < 20; n++)
            Expect.That(batch.TryAddMessage(new ServiceBusMessage($"{n}")), $"message {n} fits into the batch");
        await sender.SendMessagesAsync(batch);
        await using var receiver = scene.Receiver(ServiceBusReceiveMode.ReceiveAndDelete);
        var bodies = (await Scene.Many(receiver, 20)).Select(message => message.Body.ToString());
        Expect.Sequence(Enumerable.Range(0, 20).Select(n => $"{n}"), bodies, "bodies in order");
    }

    /// <summary>Takes many frames.</summary>
    private static async Task Large(Scene scene)
    {
        var bytes = new byte[200_000];
        new Random(1).NextBytes(bytes);
        await scene.Send(new ServiceBusMessage(bytes));
        await using var receiver = scene.Receiver(ServiceBusReceiveMode.ReceiveAndDelete);
        Expect.That((await Scene.One(receiver)).Body.ToArray().SequenceEqual(bytes), "the same bytes");
    }

    private static async Task TooLarge(Scene scene)
    {
        await Expect.Refused(
            ServiceBusFailureReason.MessageSizeExceeded,
            () => scene.Send(new ServiceBusMessage(new byte[2_000_000])));
        await scene.NothingLeft();
    }

    private static async Task Scheduled(Scene scene)
    {
        var at = DateTimeOffset.UtcNow.AddSeconds(1);
        await using var sender = scene.Client.CreateSender(scene.Entity);
        var number = await sender.ScheduleMessageAsync(new ServiceBusMessage("later"), at);
        Expect.That(number > 0, "a sequence number");
        await using var receiver = scene.Receiver();
        var message = await Scene.One(receiver);
        Expect.Equal("later", message.Body.ToString(), "body");
        Expect.That(DateTimeOffset.UtcNow >= at.AddMilliseconds(-1), "not delivered before its time");
        var byProperty = new ServiceBusMessage("by property") { ScheduledEnqueueTime = DateTimeOffset.UtcNow.AddSeconds(1) };
        await sender.SendMessageAsync(byProperty);
        Expect.Equal("by property", (await Scene.One(receiver)).Body.ToString(), "body");
    }

    private static async Task Cancel(Scene scene)
    {
        await using var sender = scene.Client.CreateSender(scene.Entity);
        var numbers = await sender.ScheduleMessagesAsync(
            [new ServiceBusMessage("a"), new ServiceBusMessage("b"), new ServiceBusMessage("c")],
            DateTimeOffset.UtcNow.AddHours(1));
        await using var receiver = scene.Receiver();
        var peeked = await receiver.PeekMessagesAsync(10);
        Expect.Sequence(numbers, peeked.Select(message => message.SequenceNumber), "sequence numbers");
        Expect.That(peeked.All(message => message.State == ServiceBusMessageState.Scheduled), "all are scheduled");
        await sender.CancelScheduledMessagesAsync(numbers.Take(2));
        await sender.CancelScheduledMessageAsync(numbers[2]);
        await scene.NothingLeft();
        await Expect.Refused(
            ServiceBusFailureReason.MessageNotFound,
            () => sender.CancelScheduledMessageAsync(numbers[2]));
    }

    private static async Task Duplicates(Scene scene)
    {
        await scene.Send(new ServiceBusMessage("first") { MessageId = "same" });
        await scene.Send(new ServiceBusMessage("second") { MessageId = "same" });
        await scene.Send(new ServiceBusMessage("third") { MessageId = "other" });
        await using var receiver = scene.Receiver(ServiceBusReceiveMode.ReceiveAndDelete);
        var bodies = (await Scene.Many(receiver, 2)).Select(message => message.Body.ToString());
        Expect.Sequence(["first", "third"], bodies, "bodies");
        await scene.NothingLeft();
    }

    private static async Task NoEntity(Scene scene)
    {
        await using var sender = scene.Client.CreateSender("nowhere");
        await Expect.Refused(
            ServiceBusFailureReason.MessagingEntityNotFound,
            () => sender.SendMessageAsync(new ServiceBusMessage("lost")),
            "'nowhere'");
        await using var receiver = scene.Client.CreateReceiver("nowhere");
        await Expect.Refused(
            ServiceBusFailureReason.MessagingEntityNotFound,
            () => receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(5)),
            "'nowhere'");
    }
}
