// Databases and containers.
using System.Net;
using Microsoft.Azure.Cosmos;

namespace CosmosChecks;

public static class ResourceChecks
{
    public static readonly (string, Func<Stand, Task>)[] All =
    [
        ("a database is created if it does not exist", CreatesDatabaseOnce),
        ("a container is created if it does not exist", CreatesContainerOnce),
        ("a missing container answers 404", MissingContainer),
        ("databases and containers are listed by a query", Lists),
        ("a container and a database are deleted", Deletes),
        ("a container that is made again under its name is another", MadeAgain),
    ];

    private static async Task CreatesDatabaseOnce(Stand stand)
    {
        var id = $"{stand.DatabaseId}-once";
        var first = await stand.Client.CreateDatabaseIfNotExistsAsync(id);
        Expect.Equal(HttpStatusCode.Created, first.StatusCode, "first");
        var second = await stand.Client.CreateDatabaseIfNotExistsAsync(id);
        Expect.Equal(HttpStatusCode.OK, second.StatusCode, "second");
        Expect.Equal(first.Resource.SelfLink, second.Resource.SelfLink, "self link");
        await Expect.StatusAsync(HttpStatusCode.Conflict, () => stand.Client.CreateDatabaseAsync(id));
    }

    private static async Task CreatesContainerOnce(Stand stand)
    {
        var database = await stand.DatabaseAsync();
        var properties = new ContainerProperties("once", "/kind") { DefaultTimeToLive = 3600 };
        var first = await database.CreateContainerIfNotExistsAsync(properties, throughput: 400);
        Expect.Equal(HttpStatusCode.Created, first.StatusCode, "first");
        var second = await database.CreateContainerIfNotExistsAsync(properties);
        Expect.Equal(HttpStatusCode.OK, second.StatusCode, "second");
        Expect.Equal("/kind", second.Resource.PartitionKeyPath, "partition key path");
        Expect.Equal(3600, second.Resource.DefaultTimeToLive, "default time to live");
        await Expect.StatusAsync(HttpStatusCode.Conflict, () => database.CreateContainerAsync(properties));
    }

    private static async Task MissingContainer(Stand stand)
    {
        var container = (await stand.DatabaseAsync()).GetContainer("nowhere");
        await Expect.StatusAsync(HttpStatusCode.NotFound, () => container.ReadContainerAsync());
        await Expect.StatusAsync(
            HttpStatusCode.NotFound, () => container.ReadItemAsync<Thing>("1", new PartitionKey("a")));
        await Expect.StatusAsync(
            HttpStatusCode.NotFound, () => container.CreateItemAsync(new Thing("1", "a"), new PartitionKey("a")));
    }

    private static async Task Lists(Stand stand)
    {
        var container = await stand.NewContainerAsync();
        using var databases = stand.Client.GetDatabaseQueryIterator<DatabaseProperties>();
        Expect.True((await databases.ReadNextAsync()).Any(one => one.Id == stand.DatabaseId), "the database is listed");
        using var containers = container.Database.GetContainerQueryIterator<ContainerProperties>();
        Expect.True((await containers.ReadNextAsync()).Any(one => one.Id == container.Id), "the container is listed");
    }

    private static async Task Deletes(Stand stand)
    {
        Database database = await stand.Client.CreateDatabaseAsync($"{stand.DatabaseId}-deleted");
        Container container = await database.CreateContainerAsync("c", "/kind");
        Expect.Equal(HttpStatusCode.NoContent, (await container.DeleteContainerAsync()).StatusCode, "container");
        Expect.Equal(HttpStatusCode.NoContent, (await database.DeleteAsync()).StatusCode, "database");
        await Expect.StatusAsync(HttpStatusCode.NotFound, () => database.ReadAsync());
    }

    private static async Task MadeAgain(Stand stand)
    {
        var database = await stand.DatabaseAsync();
        // The client keeps the ranges of the first by its resource id.
        for (var round = 0; round < 2; round += 1)
        {
            Container container = await database.CreateContainerAsync("again", "/kind");
            await container.CreateItemAsync(new Thing("1", "a", round), new PartitionKey("a"));
            using var found = container.GetItemQueryIterator<Thing>("SELECT * FROM c");
            Expect.Sequence([round], (await found.ReadNextAsync()).Select(one => one.n), "found");
            await container.DeleteContainerAsync();
        }
    }
}
