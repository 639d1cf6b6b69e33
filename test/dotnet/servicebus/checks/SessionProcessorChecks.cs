// Checks of ServiceBusSessionProcessor.
using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace ServiceBusChecks;

public static class SessionProcessorChecks
{
    public static readonly Dictionary<string, Func<Scene, Task>> All = new()
    {
        ["session-processor"] = Processor,
        ["session-processor-goes-on"] = GoesOn,
        ["session-processor-renews-lock"] = RenewsLock,
    };

    private static async Task Processor(Scene scene)
    {
        await scene.Send([.. Enumerable.Range(0, 12).Select(n => SessionChecks.In($"s{n % 3}", $"{n}"))]);
        var bodies = new ConcurrentDictionary<string, ConcurrentQueue<string>>();
        var left = 12;
        var all = new TaskCompletionSource();
        var options = new ServiceBusSessionProcessorOptions { MaxConcurrentSessions = 3 };
        await Process(scene, options, all.Task, async args =>
        {
            bodies.GetOrAdd(args.SessionId, _ => []).Enqueue(args.Message.Body.ToString());
            var seen = (await args.GetSessionStateAsync())?.ToString();
            await args.SetSessionStateAsync(BinaryData.FromString($"{seen}{args.Message.Body},"));
            if (Interlocked.Decrement(ref left) == 0) all.TrySetResult();
        });
        foreach (var n in Enumerable.Range(0, 3))
        {
            var expected = Enumerable.Range(0, 4).Select(m => $"{n + 3 * m}").ToArray();
            Expect.Sequence(expected, bodies[$"s{n}"], $"bodies of s{n} in order");
            await using var session = await scene.Client.AcceptSessionAsync(scene.Entity, $"s{n}");
            Expect.Equal(string.Concat(expected.Select(body => $"{body},")), $"{await session.GetSessionStateAsync()}", "state");
        }
        await scene.NothingLeft();
    }

    /// <summary>With one session at a time, an idle one is given up for the next.</summary>
    private static async Task GoesOn(Scene scene)
    {
        await scene.Send(SessionChecks.In("a", "1"), SessionChecks.In("b", "2"));
        var left = 2;
        var all = new TaskCompletionSource();
        var options = new ServiceBusSessionProcessorOptions
        {
            MaxConcurrentSessions = 1,
            SessionIdleTimeout = TimeSpan.FromMilliseconds(200),
            AutoCompleteMessages = false,
        };
        var errors = await Process(scene, options, all.Task, async args =>
        {
            await args.CompleteMessageAsync(args.Message);
            if (Interlocked.Decrement(ref left) == 0) all.TrySetResult();
        });
        Expect.Sequence<string>([], errors, "errors");
        await scene.NothingLeft();
    }

    /// <summary>The handler outlives the lock that the session came with.</summary>
    private static async Task RenewsLock(Scene scene)
    {
        await scene.Send(SessionChecks.In("a", "long work"));
        var all = new TaskCompletionSource();
        var errors = await Process(scene, new ServiceBusSessionProcessorOptions(), all.Task, async args =>
        {
            var until = args.SessionLockedUntil;
            while (args.SessionLockedUntil <= until) await Task.Delay(20, args.CancellationToken);
            all.TrySetResult();
        });
        Expect.Sequence<string>([], errors, "errors");
        await scene.NothingLeft();
    }

    private static async Task<IReadOnlyCollection<string>> Process(
        Scene scene,
        ServiceBusSessionProcessorOptions options,
        Task done,
        Func<ProcessSessionMessageEventArgs, Task> handle)
    {
        var errors = new ConcurrentQueue<string>();
        await using var processor = scene.Client.CreateSessionProcessor(scene.Entity, options);
        processor.ProcessMessageAsync += handle;
        processor.ProcessErrorAsync += args =>
        {
            errors.Enqueue($"{args.ErrorSource}: {args.Exception.Message}");
            return Task.CompletedTask;
        };
        await processor.StartProcessingAsync();
        await done.WaitAsync(TimeSpan.FromSeconds(60));
        await processor.StopProcessingAsync();
        return errors;
    }
}
