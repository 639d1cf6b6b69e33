// Databases and containers.
using System.Net;
using Microsoft.Azure.Cosmos;

namespace CosmosChecks;

public static class ResourceChecks
{
    public static readonly (string, Func<Fixture, Task>)[] All =
    [
        ("a database is created if it does not exist", CreatesDatabaseOnce),
        ("a container is created if it does not exist", CreatesContainerOnce),
        ("a missing container answers 404", MissingContainer),
        ("databases and containers are listed by a query", Lists),
        ("a container and a database are deleted", Deletes),
        ("a container that is made again under its name is another", MadeAgain),
    ];

    private static async Task CreatesDatabaseOnce(Fixture fixture)
    {
        var id = $"{fixture.DatabaseId}-once";
        var first = await fixture.Client.CreateDatabaseIfNotExistsAsync(id);
        Expect.Equal(HttpStatusCode.Created, first.StatusCode, "first");
        var second = await fixture.Client.CreateDatabaseIfNotExistsAsync(id);
        Expect.Equal(HttpStatusCode.OK, second.StatusCode, "second");
        Expect.Equal(first.Resource.SelfLink, second.Resource.SelfLink, "self link");
        await Expect.StatusAsync(HttpStatusCode.Conflict, () => fixture.Client.CreateDatabaseAsync(id));
    }

    private static async Task CreatesContainerOnce(Fixture fixture)
    {
        var database = await fixture.DatabaseAsync();
        var properties = new ContainerProperties("once", "/kind") { DefaultTimeToLive = 3600 };
        var first = await database.CreateContainerIfNotExistsAsync(properties, throughput: 400);
        Expect.Equal(HttpStatusCode.Created, first.StatusCode, "first");
        var second = await database.CreateContainerIfNotExistsAsync(properties);
        Expect.Equal(HttpStatusCode.OK, second.StatusCode, "second");
        Expect.Equal("/kind", second.Resource.PartitionKeyPath, "partition key path");
        Expect.Equal(3600, second.Resource.DefaultTimeToLive, "default time to live");
        await Expect.StatusAsync(HttpStatusCode.Conflict, () => database.CreateContainerAsync(properties));
    }

    private static async Task MissingContainer(Fixture fixture)
    {
        var container = (await fixture.DatabaseAsync()).GetContainer("nowhere");
        await Expect.StatusAsync(HttpStatusCode.NotFound, () => container.ReadContainerAsync());
        await Expect.StatusAsync(
            HttpStatusCode.NotFound, () => container.ReadItemAsync<Thing>("1", new PartitionKey("a")));
        await Expect.StatusAsync(
            HttpStatusCode.NotFound, () => container.CreateItemAsync(new Thing("1", "a"), new PartitionKey("a")));
    }

    private static async Task Lists(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        using var databases = fixture.Client.GetDatabaseQueryIterator<DatabaseProperties>();
        Expect.True((await databases.ReadNextAsync()).Any(one => one.Id == fixture.DatabaseId), "the database is listed");
        using var containers = container.Database.GetContainerQueryIterator<ContainerProperties>();
        Expect.True((await containers.ReadNextAsync()).Any(one => one.Id == container.Id), "the container is listed");
    }

    private static async Task Deletes(Fixture fixture)
    {
        Database database = await fixture.Client.CreateDatabaseAsync($"{fixture.DatabaseId}-deleted");
        Container container = await database.CreateContainerAsync("c", "/kind");
        Expect.Equal(HttpStatusCode.NoContent, (await container.DeleteContainerAsync()).StatusCode, "container");
        Expect.Equal(HttpStatusCode.NoContent, (await database.DeleteAsync()).StatusCode, "database");
        await Expect.StatusAsync(HttpStatusCode.NotFound, () => database.ReadAsync());
    }

    private static async Task MadeAgain(Fixture fixture)
    {
        var database = await fixture.DatabaseAsync();
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
