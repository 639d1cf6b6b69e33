// Checks of what clients do when the connection is lost, as it is when the namespace restarts.
using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace ServiceBusChecks;

public static class OutageChecks
{
    public static readonly Dictionary<string, Func<Scene, Task>> All = new()
    {
        ["outage-sender-and-receiver"] = SenderAndReceiver,
        ["outage-processor"] = Processor,
    };

    private static readonly ServiceBusClientOptions Patient = new()
    {
        RetryOptions = new ServiceBusRetryOptions { Delay = TimeSpan.FromMilliseconds(20), TryTimeout = TimeSpan.FromSeconds(20) },
    };

    private static async Task SenderAndReceiver(Scene scene)
    {
        using var relay = new Relay(scene.ConnectionString);
        await using var client = new ServiceBusClient(relay.ConnectionString, Patient);
        await using var sender = client.CreateSender(scene.Entity);
        await using var receiver = client.CreateReceiver(scene.Entity);
        await sender.SendMessagesAsync([new ServiceBusMessage("1"), new ServiceBusMessage("2")]);
        await receiver.CompleteMessageAsync(await Scene.One(receiver));
        relay.Cut();
        await sender.SendMessageAsync(new ServiceBusMessage("3"));
        var bodies = new List<string>();
        for (var n = 0; n < 2; n++)
        {
            var message = await Scene.One(receiver);
            bodies.Add(message.Body.ToString());
            await receiver.CompleteMessageAsync(message);
        }
        Expect.Sequence(["2", "3"], bodies, "bodies");
        await scene.NothingLeft();
    }

    private static async Task Processor(Scene scene)
    {
        using var relay = new Relay(scene.ConnectionString);
        await using var client = new ServiceBusClient(relay.ConnectionString, Patient);
        await using var processor = client.CreateProcessor(scene.Entity);
        var bodies = new ConcurrentQueue<string>();
        var first = new TaskCompletionSource();
        var second = new TaskCompletionSource();
        processor.ProcessMessageAsync += args =>
        {
            bodies.Enqueue(args.Message.Body.ToString());
            (bodies.Count == 1 ? first : second).TrySetResult();
            return Task.CompletedTask;
        };
        processor.ProcessErrorAsync += _ => Task.CompletedTask;
        await processor.StartProcessingAsync();
        await scene.Send("1");
        await first.Task.WaitAsync(TimeSpan.FromSeconds(60));
        // Its completion has gone out before the connection goes.
        await using (var receiver = scene.Receiver())
            while (await receiver.PeekMessageAsync(fromSequenceNumber: 0) is not null) { }
        relay.Cut();
        await scene.Send("2");
        await second.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await processor.StopProcessingAsync();
        Expect.Sequence(["1", "2"], bodies, "bodies");
        await scene.NothingLeft();
    }
}
