// Checks of what a message carries: system properties, application properties of every kind, the three kinds of body.
using Azure.Core.Amqp;
using Azure.Messaging.ServiceBus;

namespace ServiceBusChecks;

public static class PropertyChecks
{
    public static readonly Dictionary<string, Func<Scene, Task>> All = new()
    {
        ["properties-system"] = SystemProperties,
        ["properties-application"] = Application,
        ["properties-dead-lettered"] = DeadLettered,
        ["properties-body-kinds"] = BodyKinds,
        ["properties-expire"] = Expire,
    };

    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, 250, TimeSpan.Zero);

    /// <summary>One of every kind that the client can send.</summary>
    public static readonly Dictionary<string, object> Kinds = new()
    {
        ["string"] = "grün 🟢",
        ["empty"] = "",
        ["bool"] = true,
        ["byte"] = (byte)200,
        ["sbyte"] = (sbyte)-5,
        ["short"] = (short)-300,
        ["ushort"] = (ushort)60_000,
        ["int"] = -70_000,
        ["uint"] = 4_000_000_000u,
        ["long"] = long.MinValue + 1,
        ["ulong"] = ulong.MaxValue,
        ["float"] = 1.5f,
        ["double"] = -2.25e-10,
        ["decimal"] = 1234.5678m,
        ["char"] = 'ß',
        ["guid"] = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"),
        ["time"] = Noon.UtcDateTime,
        ["offset"] = Noon,
        ["span"] = TimeSpan.FromMilliseconds(90_061_001),
        ["uri"] = new Uri("https://example.com/a?b=c"),
    };

    public static void ExpectKinds(IReadOnlyDictionary<string, object> actual)
    {
        foreach (var (name, value) in Kinds)
        {
            Expect.That(actual.ContainsKey(name), $"the property {name}");
            Expect.Equal(value.GetType(), actual[name].GetType(), $"type of {name}");
            Expect.Equal(value, actual[name], name);
        }
    }

    private static async Task SystemProperties(Scene scene)
    {
        await scene.Send(new ServiceBusMessage("body")
        {
            MessageId = "m-1",
            CorrelationId = "c-1",
            Subject = "subject",
            To = "to",
            ReplyTo = "reply-to",
            ReplyToSessionId = "reply-session",
            SessionId = "session",
            PartitionKey = "session",
            ContentType = "text/plain",
            TimeToLive = TimeSpan.FromMinutes(7),
        });
        await using var receiver = scene.Receiver();
        var message = await Scene.One(receiver);
        Expect.Sequence(
            ["m-1", "c-1", "subject", "to", "reply-to", "reply-session", "session", "session", "text/plain"],
            [message.MessageId, message.CorrelationId, message.Subject, message.To, message.ReplyTo,
             message.ReplyToSessionId, message.SessionId, message.PartitionKey, message.ContentType],
            "system properties");
        Expect.Equal(TimeSpan.FromMinutes(7), message.TimeToLive, "time to live");
        // The client's own clock is in it.
        var beside = message.ExpiresAt - (message.EnqueuedTime + message.TimeToLive);
        Expect.That(beside.Duration() < TimeSpan.FromMinutes(1), $"the end of its life, not {beside} beside it");
    }

    private static async Task Application(Scene scene)
    {
        await scene.Send(WithKinds("body"));
        await using var receiver = scene.Receiver();
        ExpectKinds((await Scene.One(receiver)).ApplicationProperties);
    }

    /// <summary>The service adds the reason to properties which it must otherwise leave as they are.</summary>
    private static async Task DeadLettered(Scene scene)
    {
        await scene.Send(WithKinds("body"));
        await using var receiver = scene.Receiver();
        await receiver.AbandonMessageAsync(await Scene.One(receiver), Kinds);
        await receiver.DeadLetterMessageAsync(await Scene.One(receiver), Kinds, "Bad");
        await using var dead = scene.DeadLetters();
        var message = await Scene.One(dead);
        ExpectKinds(message.ApplicationProperties);
        Expect.Equal("Bad", message.DeadLetterReason, "reason");
    }

    private static async Task BodyKinds(Scene scene)
    {
        var value = new ServiceBusMessage();
        value.GetRawAmqpMessage().Body = AmqpMessageBody.FromValue(42);
        var sequence = new ServiceBusMessage();
        sequence.GetRawAmqpMessage().Body = AmqpMessageBody.FromSequence([[1, "two"], [3L]]);
        await scene.Send(new ServiceBusMessage("data"), value, sequence, new ServiceBusMessage());
        await using var receiver = scene.Receiver();
        var bodies = (await Scene.Many(receiver, 4)).Select(message => message.GetRawAmqpMessage().Body).ToArray();
        Expect.Equal(AmqpMessageBodyType.Data, bodies[0].BodyType, "first body");
        Expect.That(bodies[1].TryGetValue(out var got) && got is 42, "the value");
        Expect.That(bodies[2].TryGetSequence(out var lists), "a sequence");
        Expect.Sequence(["1", "two", "3"], lists!.SelectMany(list => list).Select(item => $"{item}"), "the sequence");
        Expect.That(bodies[3].TryGetData(out var data) && data!.All(part => part.IsEmpty), "no body");
    }

    private static async Task Expire(Scene scene)
    {
        await scene.Send(new ServiceBusMessage("short-lived") { TimeToLive = TimeSpan.FromMilliseconds(50) });
        await using var dead = scene.DeadLetters();
        Expect.Equal("TTLExpiredException", (await Scene.One(dead)).DeadLetterReason, "reason");
    }

    private static ServiceBusMessage WithKinds(string body)
    {
        var message = new ServiceBusMessage(body);
        foreach (var (name, value) in Kinds) message.ApplicationProperties[name] = value;
        return message;
    }
}
