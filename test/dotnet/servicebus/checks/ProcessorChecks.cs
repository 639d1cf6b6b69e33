// Checks of ServiceBusProcessor, which the Service Bus extension of the Functions host is built on.
using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace ServiceBusChecks;

public static class ProcessorChecks
{
    public static readonly Dictionary<string, Func<Scene, Task>> All = new()
    {
        ["processor-auto-complete"] = AutoComplete,
        ["processor-manual-settlement"] = ManualSettlement,
        ["processor-handler-throws"] = HandlerThrows,
        ["processor-renews-lock"] = RenewsLock,
    };

    private static async Task AutoComplete(Scene scene)
    {
        await scene.Send([.. Enumerable.Range(0, 20).Select(n => new ServiceBusMessage($"{n}"))]);
        var bodies = new ConcurrentBag<string>();
        var all = new TaskCompletionSource();
        await Process(scene, new ServiceBusProcessorOptions { MaxConcurrentCalls = 8, PrefetchCount = 4 }, all.Task, args =>
        {
            bodies.Add(args.Message.Body.ToString());
            if (bodies.Count == 20) all.TrySetResult();
            return Task.CompletedTask;
        });
        Expect.Sequence(Enumerable.Range(0, 20), bodies.Select(int.Parse).Order(), "bodies");
        await scene.NothingLeft();
    }

    private static async Task ManualSettlement(Scene scene)
    {
        await scene.Send(new ServiceBusMessage("complete"), new ServiceBusMessage("dead"), new ServiceBusMessage("abandon"));
        var left = 4;
        var all = new TaskCompletionSource();
        await Process(scene, new ServiceBusProcessorOptions { AutoCompleteMessages = false }, all.Task, async args =>
        {
            var body = args.Message.Body.ToString();
            if (body == "dead") await args.DeadLetterMessageAsync(args.Message, "Wanted", "By the check.");
            else if (body == "abandon" && args.Message.DeliveryCount == 1) await args.AbandonMessageAsync(args.Message);
            else await args.CompleteMessageAsync(args.Message);
            if (Interlocked.Decrement(ref left) == 0) all.TrySetResult();
        });
        await scene.NothingLeft();
        await using var dead = scene.DeadLetters();
        Expect.Equal("Wanted", (await Scene.One(dead)).DeadLetterReason, "reason");
    }

    private static async Task HandlerThrows(Scene scene)
    {
        await scene.Send("unlucky");
        var deliveries = new List<int>();
        var all = new TaskCompletionSource();
        var sources = await Process(scene, new ServiceBusProcessorOptions(), all.Task, args =>
        {
            deliveries.Add(args.Message.DeliveryCount);
            if (deliveries.Count == 1) throw new InvalidOperationException("the handler fails once");
            all.TrySetResult();
            return Task.CompletedTask;
        });
        Expect.Sequence([1, 2], deliveries, "deliveries");
        Expect.Sequence([ServiceBusErrorSource.ProcessMessageCallback], sources, "sources of errors");
        await scene.NothingLeft();
    }

    /// <summary>The handler outlives the lock that the message came with.</summary>
    private static async Task RenewsLock(Scene scene)
    {
        await scene.Send("long work");
        var all = new TaskCompletionSource();
        var sources = await Process(scene, new ServiceBusProcessorOptions(), all.Task, async args =>
        {
            var until = args.Message.LockedUntil;
            while (args.Message.LockedUntil <= until) await Task.Delay(20, args.CancellationToken);
            all.TrySetResult();
        });
        Expect.Sequence<ServiceBusErrorSource>([], sources, "sources of errors");
        await scene.NothingLeft();
    }

    /// <summary>Processes until `done`, and gives where errors came from.</summary>
    private static async Task<IReadOnlyCollection<ServiceBusErrorSource>> Process(
        Scene scene,
        ServiceBusProcessorOptions options,
        Task done,
        Func<ProcessMessageEventArgs, Task> handle)
    {
        var sources = new ConcurrentQueue<ServiceBusErrorSource>();
        await using var processor = scene.Client.CreateProcessor(scene.Entity, options);
        processor.ProcessMessageAsync += handle;
        processor.ProcessErrorAsync += args =>
        {
            sources.Enqueue(args.ErrorSource);
            return Task.CompletedTask;
        };
        await processor.StartProcessingAsync();
        await done.WaitAsync(TimeSpan.FromSeconds(60));
        await processor.StopProcessingAsync();
        return sources;
    }
}
