// The change feed processor: what the Cosmos DB trigger of Azure Functions is built on. Instances share a container of
// leases; a lease is a document, taken and renewed under its etag.
using System.Collections.Concurrent;
using System.Net;
using Microsoft.Azure.Cosmos;

namespace CosmosChecks;

public static class ProcessorChecks
{
    public static readonly (string, Func<Fixture, Task>)[] All =
    [
        ("a processor gives changes to its handler and goes on where it stopped", GoesOn),
        ("a batch whose handler throws comes again", ComesAgain),
        ("a processor with manual checkpoints goes on behind the last", ManualCheckpoint),
        ("two processors share the leases: each change comes to one of them", Share),
        ("a processor takes over when another stops", TakesOverFromStopped),
        ("a processor takes over when another is cut off and its lease expires", TakesOverFromLost),
        ("the estimator tells how far a processor is behind", Estimates),
    ];

    private sealed record Places(Container Monitored, Container Leases)
    {
        public static async Task<Places> NewAsync(Fixture fixture) =>
            new(await fixture.NewContainerAsync(), await fixture.NewContainerAsync("/id"));

        public Places Of(CosmosClient client) => new(
            client.GetContainer(Monitored.Database.Id, Monitored.Id),
            client.GetContainer(Leases.Database.Id, Leases.Id));

        public Task FillAsync(int from, int to) =>
            Task.WhenAll(Enumerable.Range(from, to - from).Select(
                n => Monitored.UpsertItemAsync(new Thing($"{n}", $"{n % 3}", n))));
    }

    /// <summary>An instance of a processor and what came to it.</summary>
    private sealed class Instance
    {
        public readonly ConcurrentQueue<int> Found = new();
        public readonly ChangeFeedProcessor Processor;
        /// <summary>Runs before a batch is taken; throws to refuse it.</summary>
        public Action BeforeBatch = () => { };

        public Instance(Places places, string name)
        {
            Processor = places.Monitored
                .GetChangeFeedProcessorBuilder<Thing>("checks", HandleAsync)
                .WithInstanceName(name)
                .WithLeaseContainer(places.Leases)
                .WithPollInterval(TimeSpan.FromMilliseconds(100))
                .WithLeaseConfiguration(
                    acquireInterval: TimeSpan.FromMilliseconds(500),
                    expirationInterval: TimeSpan.FromSeconds(2),
                    renewInterval: TimeSpan.FromMilliseconds(500))
                .WithStartTime(DateTime.MinValue.ToUniversalTime())
                .Build();
        }

        private Task HandleAsync(
            ChangeFeedProcessorContext context, IReadOnlyCollection<Thing> changes, CancellationToken cancellation)
        {
            BeforeBatch();
            foreach (var change in changes) Found.Enqueue(change.n);
            return Task.CompletedTask;
        }

        public Task HasAsync(IEnumerable<int> wanted, string what) =>
            Expect.EventuallyAsync(() => wanted.All(Found.Contains), what);
    }

    private static async Task GoesOn(Fixture fixture)
    {
        var places = await Places.NewAsync(fixture);
        await places.FillAsync(0, 5);
        var first = new Instance(places, "one");
        await first.Processor.StartAsync();
        await first.HasAsync(Enumerable.Range(0, 5), "what was there");
        await places.FillAsync(5, 8);
        await first.HasAsync([5, 6, 7], "what came later");
        await first.Processor.StopAsync();
        await places.FillAsync(8, 10);
        var second = new Instance(places, "one");
        await second.Processor.StartAsync();
        await second.HasAsync([8, 9], "what came while it stood still");
        await second.Processor.StopAsync();
        Expect.Sequence([8, 9], second.Found.Order(), "nothing comes twice");
    }

    private static async Task ComesAgain(Fixture fixture)
    {
        var places = await Places.NewAsync(fixture);
        var refused = 0;
        var instance = new Instance(places, "one");
        instance.BeforeBatch = () =>
        {
            if (Interlocked.Increment(ref refused) <= 2) throw new InvalidOperationException("not yet");
        };
        await instance.Processor.StartAsync();
        await places.FillAsync(0, 3);
        await instance.HasAsync([0, 1, 2], "the batch");
        await instance.Processor.StopAsync();
        Expect.True(refused >= 3, "it was refused twice");
    }

    private static async Task ManualCheckpoint(Fixture fixture)
    {
        var places = await Places.NewAsync(fixture);
        var found = new ConcurrentQueue<int>();
        var checkpointed = 0;
        ChangeFeedProcessor Build(bool checkpoints) => places.Monitored
            .GetChangeFeedProcessorBuilderWithManualCheckpoint<Thing>("checks", async (_, changes, checkpoint, _) =>
            {
                foreach (var change in changes) found.Enqueue(change.n);
                if (!checkpoints) return;
                await checkpoint();
                Interlocked.Increment(ref checkpointed);
            })
            .WithInstanceName("one")
            .WithLeaseContainer(places.Leases)
            .WithPollInterval(TimeSpan.FromMilliseconds(100))
            .WithStartTime(DateTime.MinValue.ToUniversalTime())
            .Build();

        async Task RunAsync(bool checkpoints, Func<bool> until)
        {
            var processor = Build(checkpoints);
            await processor.StartAsync();
            await Expect.EventuallyAsync(until, "the changes");
            await processor.StopAsync();
        }
        await places.FillAsync(0, 1);
        await RunAsync(checkpoints: true, () => checkpointed == 1);
        await places.FillAsync(1, 2);
        await RunAsync(checkpoints: false, () => found.Contains(1));
        found.Clear();
        await RunAsync(checkpoints: true, () => found.Contains(1));
        Expect.Sequence([1], found, "what was not checkpointed comes again, and nothing else");
    }

    private static async Task Share(Fixture fixture)
    {
        var places = await Places.NewAsync(fixture);
        var one = new Instance(places, "one");
        var two = new Instance(places.Of(fixture.NewClient()), "two");
        // One after the other: of two that find no leases, one waits 15 seconds for the other to make them.
        await one.Processor.StartAsync();
        await two.Processor.StartAsync();
        for (var n = 0; n < 20; n += 4) await places.FillAsync(n, n + 4);
        await Expect.EventuallyAsync(() => one.Found.Count + two.Found.Count >= 20, "all changes");
        await Task.WhenAll(one.Processor.StopAsync(), two.Processor.StopAsync());
        Expect.Sequence(Enumerable.Range(0, 20), one.Found.Concat(two.Found).Order(), "each change once");
    }

    private static async Task TakesOverFromStopped(Fixture fixture)
    {
        var places = await Places.NewAsync(fixture);
        var one = new Instance(places, "one");
        await one.Processor.StartAsync();
        await places.FillAsync(0, 2);
        await one.HasAsync([0, 1], "the first has the lease");
        var two = new Instance(places.Of(fixture.NewClient()), "two");
        await two.Processor.StartAsync();
        await one.Processor.StopAsync();
        await places.FillAsync(2, 4);
        await two.HasAsync([2, 3], "the second goes on");
        await two.Processor.StopAsync();
        Expect.Sequence([2, 3], two.Found.Order(), "nothing comes twice");
    }

    private static async Task TakesOverFromLost(Fixture fixture)
    {
        var places = await Places.NewAsync(fixture);
        var network = new CutNetwork();
        var one = new Instance(places.Of(fixture.NewClient(network)), "one");
        await one.Processor.StartAsync();
        await places.FillAsync(0, 2);
        await one.HasAsync([0, 1], "the first has the lease");
        network.IsCut = true;
        await places.FillAsync(2, 4);
        var two = new Instance(places, "two");
        await two.Processor.StartAsync();
        await two.HasAsync([2, 3], "the second goes on");
        network.IsCut = false;
        await places.FillAsync(4, 6);
        await Expect.EventuallyAsync(
            () => one.Found.Concat(two.Found).Intersect([4, 5]).Count() == 2, "the changes after the cut");
        await Task.WhenAll(one.Processor.StopAsync(), two.Processor.StopAsync());
        Expect.Equal(0, one.Found.Intersect([2, 3]).Count(), "changes that came to the one that was cut off");
    }

    /// <summary>A network that can be cut: every request then fails as it does when a host cannot be reached.</summary>
    private sealed class CutNetwork() : DelegatingHandler(new HttpClientHandler())
    {
        public volatile bool IsCut;

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellation) =>
            IsCut
                ? Task.FromException<HttpResponseMessage>(new HttpRequestException("the network is cut"))
                : base.SendAsync(request, cancellation);
    }

    private static async Task Estimates(Fixture fixture)
    {
        var places = await Places.NewAsync(fixture);
        var instance = new Instance(places, "one");
        await instance.Processor.StartAsync();
        await places.FillAsync(0, 3);
        await instance.HasAsync([0, 1, 2], "the changes");
        await instance.Processor.StopAsync();
        Expect.Equal(0L, await LagAsync(places), "the lag when all is read");
        await places.FillAsync(3, 7);
        Expect.Equal(4L, await LagAsync(places), "the lag after four changes");
    }

    private static async Task<long> LagAsync(Places places)
    {
        using var pages = places.Monitored
            .GetChangeFeedEstimator("checks", places.Leases)
            .GetCurrentStateIterator();
        long lag = 0;
        while (pages.HasMoreResults) lag += (await pages.ReadNextAsync()).Sum(one => one.EstimatedLag);
        return lag;
    }
}
