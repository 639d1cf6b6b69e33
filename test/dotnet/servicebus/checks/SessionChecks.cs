// Checks of ServiceBusSessionReceiver.
using Azure.Messaging.ServiceBus;

namespace ServiceBusChecks;

public static class SessionChecks
{
    public static readonly Dictionary<string, Func<Scene, Task>> All = new()
    {
        ["session-receiver"] = Receiver,
        ["session-next"] = Next,
        ["session-state"] = State,
        ["session-held"] = Held,
        ["session-none"] = None,
        ["session-next-cancelled"] = NextCancelled,
        ["session-renew"] = Renew,
        ["session-defer"] = Defer,
        ["session-required"] = Required,
    };

    private static async Task Receiver(Scene scene)
    {
        await scene.Send(In("a", "1"), In("b", "other"), In("a", "2"));
        await using var session = await scene.Client.AcceptSessionAsync(scene.Entity, "a");
        Expect.Equal("a", session.SessionId, "session id");
        Expect.That(session.SessionLockedUntil > DateTimeOffset.UtcNow.AddSeconds(-60), "a lock in this time");
        var messages = await Scene.Many(session, 2);
        Expect.Sequence(["1", "2"], messages.Select(message => message.Body.ToString()), "bodies in order");
        Expect.Equal("a", messages[0].SessionId, "session id of a message");
        await session.CompleteMessageAsync(messages[0]);
        await session.DeadLetterMessageAsync(messages[1], "Bad", "In a session.");
        await using var dead = scene.DeadLetters();
        var bad = await Scene.One(dead);
        Expect.Equal("Bad", bad.DeadLetterReason, "reason");
        Expect.Equal("a", bad.SessionId, "session id of the dead letter");
    }

    private static async Task Next(Scene scene)
    {
        await scene.Send(In("a", "1"), In("b", "2"));
        await using var first = await scene.Client.AcceptNextSessionAsync(scene.Entity);
        await using var second = await scene.Client.AcceptNextSessionAsync(scene.Entity);
        Expect.Sequence(["a", "b"], new[] { first.SessionId, second.SessionId }.Order(), "sessions");
        foreach (var session in new[] { first, second })
            await session.CompleteMessageAsync(await Scene.One(session));
    }

    private static async Task State(Scene scene)
    {
        await scene.Send(In("a", "1"));
        await using (var session = await scene.Client.AcceptSessionAsync(scene.Entity, "a"))
        {
            Expect.That(await session.GetSessionStateAsync() is null, "no state at first");
            await session.SetSessionStateAsync(BinaryData.FromString("half way"));
        }
        await using (var session = await scene.Client.AcceptSessionAsync(scene.Entity, "a"))
        {
            Expect.Equal("half way", (await session.GetSessionStateAsync()).ToString(), "state");
            await session.SetSessionStateAsync(null);
            Expect.That(await session.GetSessionStateAsync() is null, "no state after it was cleared");
        }
    }

    private static async Task Held(Scene scene)
    {
        await scene.Send(In("a", "1"));
        await using var session = await scene.Client.AcceptSessionAsync(scene.Entity, "a");
        await Expect.Refused(
            ServiceBusFailureReason.SessionCannotBeLocked,
            () => scene.Client.AcceptSessionAsync(scene.Entity, "a"));
    }

    /// <summary>The client tells the service how long to wait; a shorter wait than its own must be kept.</summary>
    private static async Task None(Scene scene)
    {
        await using var client = new ServiceBusClient(
            scene.ConnectionString,
            new ServiceBusClientOptions
            {
                RetryOptions = new ServiceBusRetryOptions { MaxRetries = 0, TryTimeout = TimeSpan.FromSeconds(2) },
            });
        await Expect.Refused(
            ServiceBusFailureReason.ServiceTimeout,
            () => client.AcceptNextSessionAsync(scene.Entity));
    }

    /// <summary>A processor that stops no longer waits for a session: the next one to come is free for others.</summary>
    private static async Task NextCancelled(Scene scene)
    {
        using (var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(300)))
            await Expect.Thrown<TaskCanceledException>(
                () => scene.Client.AcceptNextSessionAsync(scene.Entity, cancellationToken: soon.Token));
        await scene.Send(In("a", "1"));
        await using var session = await scene.Client.AcceptNextSessionAsync(scene.Entity);
        await session.CompleteMessageAsync(await Scene.One(session));
    }

    private static async Task Renew(Scene scene)
    {
        await scene.Send(In("a", "1"));
        await using var session = await scene.Client.AcceptSessionAsync(scene.Entity, "a");
        var before = session.SessionLockedUntil;
        while (session.SessionLockedUntil <= before) await session.RenewSessionLockAsync();
        await session.CompleteMessageAsync(await Scene.One(session));
        await scene.NothingLeft();
    }

    private static async Task Defer(Scene scene)
    {
        await scene.Send(In("a", "aside"), In("b", "other"));
        await using var session = await scene.Client.AcceptSessionAsync(scene.Entity, "a");
        var message = await Scene.One(session);
        await session.DeferMessageAsync(message);
        Expect.Equal(1, (await session.PeekMessagesAsync(10)).Count, "messages of the session");
        var deferred = await session.ReceiveDeferredMessageAsync(message.SequenceNumber);
        Expect.Equal("aside", deferred.Body.ToString(), "body");
        await session.CompleteMessageAsync(deferred);
        Expect.Equal(0, (await session.PeekMessagesAsync(10, fromSequenceNumber: 0)).Count, "messages left");
    }

    private static async Task Required(Scene scene)
    {
        await using var receiver = scene.Receiver();
        var error = await Expect.Thrown<InvalidOperationException>(
            () => receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(5)));
        Expect.That(error.Message.Contains("requires sessions"), error.Message);
    }

    public static ServiceBusMessage In(string session, string body) => new(body) { SessionId = session };
}
