// Queries. On Linux the client asks the account for a plan before each query that spans partitions.
using System.Net;
using Microsoft.Azure.Cosmos;

namespace CosmosChecks;

public static class QueryChecks
{
    public static readonly (string, Func<Fixture, Task>)[] All =
    [
        ("a query takes parameters and stays in its partition", Parameters),
        ("a query over all partitions finds documents of each", AllPartitions),
        ("a query goes on from page to page, by the continuation too", Pages),
        ("ORDER BY, TOP, OFFSET LIMIT, DISTINCT and aggregates answer over all partitions", Shapes),
        ("all documents are read without a query", NoQuery),
        ("many documents are read at once by id and partition key", ReadMany),
        ("LINQ is translated to a query that is answered", Linq),
        ("a query that is no SQL answers 400", BadQuery),
    ];

    private static async Task<Container> FilledAsync(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        for (var n = 0; n < 12; n += 1)
        {
            var kind = n % 3 == 0 ? "a" : "b";
            await container.CreateItemAsync(new Thing($"{n:00}", kind, n), new PartitionKey(kind));
        }
        return container;
    }

    private static async Task<List<T>> AllAsync<T>(FeedIterator<T> pages)
    {
        var found = new List<T>();
        using (pages)
            while (pages.HasMoreResults) found.AddRange(await pages.ReadNextAsync());
        return found;
    }

    private static Task<List<T>> QueryAsync<T>(Container container, string sql) =>
        AllAsync(container.GetItemQueryIterator<T>(sql));

    private static async Task Parameters(Fixture fixture)
    {
        var container = await FilledAsync(fixture);
        var query = new QueryDefinition("SELECT * FROM c WHERE c.n >= @least AND c.n < @most")
            .WithParameter("@least", 3)
            .WithParameter("@most", 9);
        var options = new QueryRequestOptions { PartitionKey = new PartitionKey("a") };
        var found = await AllAsync(container.GetItemQueryIterator<Thing>(query, requestOptions: options));
        Expect.Sequence([3, 6], found.Select(one => one.n), "found");
    }

    private static async Task AllPartitions(Fixture fixture)
    {
        var container = await FilledAsync(fixture);
        var found = await QueryAsync<Thing>(container, "SELECT * FROM c WHERE c.n > 8");
        Expect.Sequence([9, 10, 11], found.Select(one => one.n), "found");
        Expect.Sequence(
            ["09", "10"],
            await QueryAsync<string>(container, "SELECT VALUE c.id FROM c WHERE c.n IN (9, 10)"),
            "values");
    }

    private static async Task Pages(Fixture fixture)
    {
        var container = await FilledAsync(fixture);
        var options = new QueryRequestOptions { MaxItemCount = 5 };
        string? continuation = null;
        var sizes = new List<int>();
        var found = new List<int>();
        do
        {
            // A new iterator for each page: everything it knows is in the continuation.
            using var pages = container.GetItemQueryIterator<Thing>(
                "SELECT * FROM c ORDER BY c.n", continuation, options);
            var page = await pages.ReadNextAsync();
            sizes.Add(page.Count);
            found.AddRange(page.Select(one => one.n));
            continuation = page.ContinuationToken;
        } while (continuation is not null && sizes.Count < 10);
        Expect.Sequence(Enumerable.Range(0, 12), found, "found");
        Expect.Sequence([5, 5, 2], sizes, "sizes");
    }

    private static async Task Shapes(Fixture fixture)
    {
        var container = await FilledAsync(fixture);
        Expect.Sequence(
            [11, 10], await QueryAsync<int>(container, "SELECT TOP 2 VALUE c.n FROM c ORDER BY c.n DESC"), "top");
        Expect.Sequence(
            [4, 5, 6], await QueryAsync<int>(container, "SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 4 LIMIT 3"), "limit");
        Expect.Sequence(
            ["a", "b"],
            (await QueryAsync<string>(container, "SELECT DISTINCT VALUE c.kind FROM c")).Order(),
            "distinct");
        Expect.Sequence(
            [12], await QueryAsync<int>(container, "SELECT VALUE COUNT(1) FROM c"), "count");
        Expect.Sequence(
            [66], await QueryAsync<int>(container, "SELECT VALUE SUM(c.n) FROM c"), "sum");
        Expect.Sequence(
            [5.5], await QueryAsync<double>(container, "SELECT VALUE AVG(c.n) FROM c"), "average");
    }

    private static async Task NoQuery(Fixture fixture)
    {
        var container = await FilledAsync(fixture);
        var found = await AllAsync(container.GetItemQueryIterator<Thing>());
        Expect.Equal(12, found.Count, "found");
    }

    private static async Task ReadMany(Fixture fixture)
    {
        var container = await FilledAsync(fixture);
        var answer = await container.ReadManyItemsAsync<Thing>(
            [("00", new PartitionKey("a")), ("01", new PartitionKey("b")), ("02", new PartitionKey("b")), ("none", new PartitionKey("a"))]);
        Expect.Sequence(["00", "01", "02"], answer.Select(one => one.id).Order(), "found");
    }

    private static async Task Linq(Fixture fixture)
    {
        var container = await FilledAsync(fixture);
        var query = container.GetItemLinqQueryable<Thing>().Where(one => one.kind == "a" && one.n > 2);
        Expect.Sequence(
            [3, 6, 9],
            (await AllAsync(Microsoft.Azure.Cosmos.Linq.CosmosLinqExtensions.ToFeedIterator(query))).Select(one => one.n),
            "found");
    }

    private static async Task BadQuery(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        await Expect.StatusAsync(HttpStatusCode.BadRequest, () => QueryAsync<Thing>(container, "SELEKT nothing"));
    }
}
