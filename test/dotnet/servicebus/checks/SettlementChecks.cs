// Checks of ServiceBusReceiver: what is decided about a message.
using Azure.Messaging.ServiceBus;

namespace ServiceBusChecks;

public static class SettlementChecks
{
    public static readonly Dictionary<string, Func<Scene, Task>> All = new()
    {
        ["settle-complete-many"] = CompleteMany,
        ["settle-abandon"] = Abandon,
        ["settle-dead-letter"] = DeadLetter,
        ["settle-mixed-at-once"] = MixedAtOnce,
        ["settle-defer"] = Defer,
        ["settle-deferred-dead-letter"] = DeferredDeadLetter,
        ["settle-max-delivery-count"] = MaxDeliveryCount,
        ["settle-lock-lost"] = LockLost,
        ["settle-resubmit"] = Resubmit,
    };

    private static async Task CompleteMany(Scene scene)
    {
        await scene.Send([.. Enumerable.Range(0, 50).Select(n => new ServiceBusMessage($"{n}"))]);
        await using var receiver = scene.Receiver();
        var messages = await Scene.Many(receiver, 50);
        await Task.WhenAll(messages.Select(message => receiver.CompleteMessageAsync(message)));
        await scene.NothingLeft();
    }

    private static async Task Abandon(Scene scene)
    {
        await scene.Send("again");
        await using var receiver = scene.Receiver();
        var changes = new Dictionary<string, object> { ["why"] = "busy", ["attempt"] = 7L };
        await receiver.AbandonMessageAsync(await Scene.One(receiver), changes);
        var message = await Scene.One(receiver);
        Expect.Equal(2, message.DeliveryCount, "delivery count");
        Expect.Equal("busy", message.ApplicationProperties["why"], "changed property");
        Expect.Equal(7L, message.ApplicationProperties["attempt"], "changed property");
    }

    private static async Task DeadLetter(Scene scene)
    {
        await scene.Send(new ServiceBusMessage("bad") { ApplicationProperties = { ["kept"] = 1 } });
        await using var receiver = scene.Receiver();
        var changes = new Dictionary<string, object> { ["added"] = true };
        await receiver.DeadLetterMessageAsync(await Scene.One(receiver), changes, "NoOrder", "It has no customer.");
        await using var dead = scene.DeadLetters();
        var message = await Scene.One(dead);
        Expect.Equal("NoOrder", message.DeadLetterReason, "reason");
        Expect.Equal("It has no customer.", message.DeadLetterErrorDescription, "description");
        Expect.Equal(1, message.ApplicationProperties["kept"], "the sender's property");
        Expect.Equal(true, message.ApplicationProperties["added"], "the added property");
        await dead.CompleteMessageAsync(message);
        await scene.NothingLeft();
    }

    private static async Task MixedAtOnce(Scene scene)
    {
        await scene.Send([.. Enumerable.Range(0, 4).Select(n => new ServiceBusMessage($"{n}"))]);
        await using var receiver = scene.Receiver();
        var messages = await Scene.Many(receiver, 4);
        await Task.WhenAll(
            receiver.CompleteMessageAsync(messages[0]),
            receiver.DeadLetterMessageAsync(messages[1], "second"),
            receiver.AbandonMessageAsync(messages[2]),
            receiver.DeferMessageAsync(messages[3]));
        Expect.Equal("2", (await Scene.One(receiver)).Body.ToString(), "the abandoned message");
        await using var dead = scene.DeadLetters();
        Expect.Equal("1", (await Scene.One(dead)).Body.ToString(), "the dead-lettered message");
        var deferred = await receiver.ReceiveDeferredMessageAsync(messages[3].SequenceNumber);
        Expect.Equal("3", deferred.Body.ToString(), "the deferred message");
    }

    private static async Task Defer(Scene scene)
    {
        await scene.Send("put aside");
        await using var receiver = scene.Receiver();
        var message = await Scene.One(receiver);
        await receiver.DeferMessageAsync(message, new Dictionary<string, object> { ["until"] = "paid" });
        var peeked = await receiver.PeekMessageAsync();
        Expect.Equal(ServiceBusMessageState.Deferred, peeked?.State, "state");
        var deferred = await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber);
        Expect.Equal("put aside", deferred.Body.ToString(), "body");
        Expect.Equal("paid", deferred.ApplicationProperties["until"], "changed property");
        await receiver.RenewMessageLockAsync(deferred);
        await receiver.CompleteMessageAsync(deferred);
        await scene.NothingLeft();
        await Expect.Refused(
            ServiceBusFailureReason.MessageNotFound,
            () => receiver.ReceiveDeferredMessageAsync(message.SequenceNumber));
    }

    /// <summary>A deferred message is settled by request and reply, where property changes travel as a map.</summary>
    private static async Task DeferredDeadLetter(Scene scene)
    {
        await scene.Send("put aside");
        await using var receiver = scene.Receiver();
        var message = await Scene.One(receiver);
        await receiver.DeferMessageAsync(message);
        var deferred = await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber);
        await receiver.AbandonMessageAsync(deferred, PropertyChecks.Kinds);
        deferred = await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber);
        PropertyChecks.ExpectKinds(deferred.ApplicationProperties);
        await receiver.DeadLetterMessageAsync(deferred, "Late", "It came too late.");
        await using var dead = scene.DeadLetters();
        var late = await Scene.One(dead);
        Expect.Equal("Late", late.DeadLetterReason, "reason");
        Expect.Equal("It came too late.", late.DeadLetterErrorDescription, "description");
        PropertyChecks.ExpectKinds(late.ApplicationProperties);
    }

    private static async Task MaxDeliveryCount(Scene scene)
    {
        await scene.Send("poison");
        await using var receiver = scene.Receiver();
        for (var n = 1; n <= 2; n++)
        {
            var message = await Scene.One(receiver);
            Expect.Equal(n, message.DeliveryCount, "delivery count");
            await receiver.AbandonMessageAsync(message);
        }
        await using var dead = scene.DeadLetters();
        Expect.Equal("MaxDeliveryCountExceeded", (await Scene.One(dead)).DeadLetterReason, "reason");
    }

    private static async Task LockLost(Scene scene)
    {
        await scene.Send("twice");
        await using var receiver = scene.Receiver();
        var message = await Scene.One(receiver);
        await receiver.CompleteMessageAsync(message);
        await Expect.Refused(ServiceBusFailureReason.MessageLockLost, () => receiver.CompleteMessageAsync(message));
        await using var other = scene.Receiver();
        await Expect.Refused(ServiceBusFailureReason.MessageLockLost, () => other.AbandonMessageAsync(message));
    }

    /// <summary>What an operator does with a dead letter: sends it again as it was.</summary>
    private static async Task Resubmit(Scene scene)
    {
        await scene.Send(new ServiceBusMessage("bad") { MessageId = "m-1", ApplicationProperties = { ["kept"] = 1 } });
        await using var receiver = scene.Receiver();
        await receiver.DeadLetterMessageAsync(await Scene.One(receiver), "bad");
        await using var dead = scene.DeadLetters();
        var message = await Scene.One(dead);
        await scene.Send(new ServiceBusMessage(message));
        await dead.CompleteMessageAsync(message);
        var again = await Scene.One(receiver);
        Expect.Equal("m-1", again.MessageId, "message id");
        Expect.Equal(1, again.ApplicationProperties["kept"], "property");
        Expect.Equal(1, again.DeliveryCount, "delivery count");
        Expect.That(again.DeadLetterReason is null, "no reason is left");
    }
}
