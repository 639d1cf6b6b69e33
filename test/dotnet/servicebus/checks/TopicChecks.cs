// Checks of topics: the check's entity is a topic with the subscriptions `all` and `red` (subject = red).
using Azure.Messaging.ServiceBus;

namespace ServiceBusChecks;

public static class TopicChecks
{
    public static readonly Dictionary<string, Func<Scene, Task>> All = new()
    {
        ["topic-subscriptions"] = Subscriptions,
        ["topic-dead-letter"] = DeadLetter,
        ["topic-processor"] = Processor,
    };

    private static async Task Subscriptions(Scene scene)
    {
        await scene.Send(new ServiceBusMessage("1") { Subject = "red" }, new ServiceBusMessage("2") { Subject = "blue" });
        await using var all = scene.Client.CreateReceiver(scene.Entity, "all");
        await using var red = scene.Client.CreateReceiver(scene.Entity, "red");
        Expect.Sequence(["1", "2"], (await Scene.Many(all, 2)).Select(message => message.Body.ToString()), "all");
        Expect.Equal("1", (await Scene.One(red)).Body.ToString(), "red");
        Expect.Equal(1, (await red.PeekMessagesAsync(10)).Count, "messages in red");
    }

    private static async Task DeadLetter(Scene scene)
    {
        await scene.Send("bad");
        await using var all = scene.Client.CreateReceiver(scene.Entity, "all");
        await all.DeadLetterMessageAsync(await Scene.One(all), "Bad", "In a subscription.");
        await using var dead = scene.Client.CreateReceiver(
            scene.Entity, "all", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        var message = await Scene.One(dead);
        Expect.Equal("Bad", message.DeadLetterReason, "reason");
        await dead.CompleteMessageAsync(message);
    }

    private static async Task Processor(Scene scene)
    {
        await scene.Send(new ServiceBusMessage("1") { Subject = "red" });
        var seen = new TaskCompletionSource<string>();
        await using var processor = scene.Client.CreateProcessor(scene.Entity, "red");
        processor.ProcessMessageAsync += args =>
        {
            seen.TrySetResult(args.Message.Body.ToString());
            return Task.CompletedTask;
        };
        processor.ProcessErrorAsync += args =>
        {
            seen.TrySetException(args.Exception);
            return Task.CompletedTask;
        };
        await processor.StartProcessingAsync();
        Expect.Equal("1", await seen.Task.WaitAsync(TimeSpan.FromSeconds(60)), "body");
        await processor.StopProcessingAsync();
    }
}
