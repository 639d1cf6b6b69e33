// The change feed, pulled.
using System.Net;
using Microsoft.Azure.Cosmos;

namespace CosmosChecks;

public static class ChangeFeedChecks
{
    public static readonly (string, Func<Fixture, Task>)[] All =
    [
        ("the change feed gives every document from the beginning, in pages", FromBeginning),
        ("the change feed goes on from its continuation", GoesOn),
        ("the change feed from now gives later changes only", FromNow),
        ("the change feed from a time gives what changed since", FromTime),
        ("the change feed of one partition gives that partition only", OnePartition),
        ("the ranges of a container cover its change feed", Ranges),
    ];

    private static Task FillAsync(Container container, int from, int to) =>
        Task.WhenAll(Enumerable.Range(from, to - from).Select(
            n => container.UpsertItemAsync(new Thing($"{n}", n % 2 == 0 ? "a" : "b", n))));

    /// <summary>Reads until nothing is new; gives what was found and the continuation.</summary>
    private static async Task<(List<int> Found, string Continuation)> PullAsync(
        Container container, ChangeFeedStartFrom start, int? pageSize = null)
    {
        var found = new List<int>();
        using var pages = container.GetChangeFeedIterator<Thing>(
            start, ChangeFeedMode.Incremental, new ChangeFeedRequestOptions { PageSizeHint = pageSize });
        while (true)
        {
            var page = await pages.ReadNextAsync();
            if (page.StatusCode == HttpStatusCode.NotModified) return (found, page.ContinuationToken);
            if (pageSize is not null) Expect.True(page.Count <= pageSize, "the page size holds");
            found.AddRange(page.Select(one => one.n));
        }
    }

    private static async Task FromBeginning(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        await FillAsync(container, 0, 7);
        var (found, _) = await PullAsync(container, ChangeFeedStartFrom.Beginning(), pageSize: 3);
        Expect.Sequence(Enumerable.Range(0, 7), found.Order(), "found");
    }

    private static async Task GoesOn(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        await FillAsync(container, 0, 3);
        var (_, continuation) = await PullAsync(container, ChangeFeedStartFrom.Beginning());
        await FillAsync(container, 2, 5);
        var (found, _) = await PullAsync(container, ChangeFeedStartFrom.ContinuationToken(continuation));
        Expect.Sequence([2, 3, 4], found.Order(), "found");
    }

    private static async Task FromNow(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        await FillAsync(container, 0, 3);
        var (before, continuation) = await PullAsync(container, ChangeFeedStartFrom.Now());
        Expect.Sequence([], before, "before");
        await FillAsync(container, 3, 5);
        var (found, _) = await PullAsync(container, ChangeFeedStartFrom.ContinuationToken(continuation));
        Expect.Sequence([3, 4], found.Order(), "found");
    }

    private static async Task FromTime(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        await FillAsync(container, 0, 3);
        var (all, _) = await PullAsync(container, ChangeFeedStartFrom.Time(DateTime.UtcNow.AddMinutes(-5)));
        Expect.Sequence([0, 1, 2], all.Order(), "since five minutes ago");
        var (none, _) = await PullAsync(container, ChangeFeedStartFrom.Time(DateTime.UtcNow.AddMinutes(5)));
        Expect.Sequence([], none, "since a time to come");
    }

    private static async Task OnePartition(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        await FillAsync(container, 0, 6);
        var range = FeedRange.FromPartitionKey(new PartitionKey("b"));
        var (found, _) = await PullAsync(container, ChangeFeedStartFrom.Beginning(range));
        Expect.Sequence([1, 3, 5], found.Order(), "found");
    }

    private static async Task Ranges(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        await FillAsync(container, 0, 6);
        var found = new List<int>();
        foreach (var range in await container.GetFeedRangesAsync())
            found.AddRange((await PullAsync(container, ChangeFeedStartFrom.Beginning(range))).Found);
        Expect.Sequence(Enumerable.Range(0, 6), found.Order(), "found");
    }
}
