// Operations on one document.
using System.Net;
using Microsoft.Azure.Cosmos;

namespace CosmosChecks;

public static class DocumentChecks
{
    public static readonly (string, Func<Fixture, Task>)[] All =
    [
        ("a document is created, read, replaced, upserted and deleted", Lifecycle),
        ("a write without content answers no document", NoContent),
        ("a document that is there already answers 409", Conflict),
        ("a document of another partition may have the same id", SameIdElsewhere),
        ("a missing document answers 404 to every operation", Missing),
        ("an etag of another version answers 412", Precondition),
        ("a read with the current etag answers 304", NotModified),
        ("a patch changes what it names, and only when its condition holds", Patch),
        ("ids and partition keys hold any character", AnyCharacter),
        ("a document that expires is gone", Expires),
    ];

    private static readonly PartitionKey A = new("a");

    private static async Task Lifecycle(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        var created = await container.CreateItemAsync(new Thing("1", "a", 1), A);
        Expect.Equal(HttpStatusCode.Created, created.StatusCode, "create");
        Expect.Equal(created.ETag, created.Resource._etag, "etag of the header and of the document");
        Expect.True(created.RequestCharge > 0, "a charge");
        Expect.True(created.Headers.Session is { Length: > 0 }, "a session token");
        Expect.Equal(1, (await container.ReadItemAsync<Thing>("1", A)).Resource.n, "read");
        var replaced = await container.ReplaceItemAsync(new Thing("1", "a", 2), "1", A);
        Expect.Equal((HttpStatusCode.OK, 2), (replaced.StatusCode, replaced.Resource.n), "replace");
        var updated = await container.UpsertItemAsync(new Thing("1", "a", 3), A);
        Expect.Equal((HttpStatusCode.OK, 3), (updated.StatusCode, updated.Resource.n), "upsert of the same");
        // Without a partition key the client takes it from the document, by the container's definition.
        var inserted = await container.UpsertItemAsync(new Thing("2", "a", 4));
        Expect.Equal(HttpStatusCode.Created, inserted.StatusCode, "upsert of another");
        Expect.Equal(
            HttpStatusCode.NoContent, (await container.DeleteItemAsync<Thing>("1", A)).StatusCode, "delete");
        await Expect.StatusAsync(HttpStatusCode.NotFound, () => container.ReadItemAsync<Thing>("1", A));
    }

    private static async Task NoContent(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        var silent = new ItemRequestOptions { EnableContentResponseOnWrite = false };
        var created = await container.CreateItemAsync(new Thing("1", "a"), A, silent);
        Expect.Equal(HttpStatusCode.Created, created.StatusCode, "status");
        Expect.True(created.Resource is null, "no document");
        Expect.Equal((await container.ReadItemAsync<Thing>("1", A)).ETag, created.ETag, "etag");
    }

    private static async Task Conflict(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        await container.CreateItemAsync(new Thing("1", "a"), A);
        await Expect.StatusAsync(
            HttpStatusCode.Conflict, () => container.CreateItemAsync(new Thing("1", "a"), A));
    }

    private static async Task SameIdElsewhere(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        await container.CreateItemAsync(new Thing("1", "a", 1), A);
        await container.CreateItemAsync(new Thing("1", "b", 2), new PartitionKey("b"));
        Expect.Equal(1, (await container.ReadItemAsync<Thing>("1", A)).Resource.n, "the first");
        Expect.Equal(2, (await container.ReadItemAsync<Thing>("1", new PartitionKey("b"))).Resource.n, "the second");
    }

    private static async Task Missing(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        Func<Task>[] calls =
        [
            () => container.ReadItemAsync<Thing>("1", A),
            () => container.ReplaceItemAsync(new Thing("1", "a"), "1", A),
            () => container.DeleteItemAsync<Thing>("1", A),
            () => container.PatchItemAsync<Thing>("1", A, [PatchOperation.Set("/n", 1)]),
        ];
        foreach (var call in calls) await Expect.StatusAsync(HttpStatusCode.NotFound, call);
    }

    private static async Task Precondition(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        var old = new ItemRequestOptions
        {
            IfMatchEtag = (await container.CreateItemAsync(new Thing("1", "a", 1), A)).ETag,
        };
        var current = await container.ReplaceItemAsync(new Thing("1", "a", 2), "1", A, old);
        Func<Task>[] calls =
        [
            () => container.ReplaceItemAsync(new Thing("1", "a", 3), "1", A, old),
            () => container.UpsertItemAsync(new Thing("1", "a", 3), A, old),
            () => container.DeleteItemAsync<Thing>("1", A, old),
            () => container.PatchItemAsync<Thing>(
                "1", A, [PatchOperation.Set("/n", 3)], new PatchItemRequestOptions { IfMatchEtag = old.IfMatchEtag }),
        ];
        foreach (var call in calls) await Expect.StatusAsync(HttpStatusCode.PreconditionFailed, call);
        Expect.Equal(current.ETag, (await container.ReadItemAsync<Thing>("1", A)).ETag, "nothing is changed");
    }

    private static async Task NotModified(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        var created = await container.CreateItemAsync(new Thing("1", "a"), A);
        using var answer = await container.ReadItemStreamAsync(
            "1", A, new ItemRequestOptions { IfNoneMatchEtag = created.ETag });
        Expect.Equal(HttpStatusCode.NotModified, answer.StatusCode, "status");
    }

    private static async Task Patch(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        await container.CreateItemAsync(new Thing("1", "a", 1, "old"), A);
        PatchOperation[] operations = [PatchOperation.Increment("/n", 2), PatchOperation.Set("/text", "new")];
        var patched = await container.PatchItemAsync<Thing>(
            "1", A, operations, new PatchItemRequestOptions { FilterPredicate = "FROM c WHERE c.n = 1" });
        Expect.Equal((3, "new"), (patched.Resource.n, patched.Resource.text), "patched");
        await Expect.StatusAsync(
            HttpStatusCode.PreconditionFailed,
            () => container.PatchItemAsync<Thing>(
                "1", A, operations, new PatchItemRequestOptions { FilterPredicate = "FROM c WHERE c.n = 1" }));
    }

    private static async Task AnyCharacter(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        string[] names = ["with space", "50%", "a+b&c=d", "ä€😀", "\"quoted\"", "a:b@c;d,e"];
        foreach (var name in names)
        {
            var key = new PartitionKey(name);
            await container.CreateItemAsync(new Thing(name, name), key);
            Expect.Equal(name, (await container.ReadItemAsync<Thing>(name, key)).Resource.id, "id");
            await container.DeleteItemAsync<Thing>(name, key);
        }
    }

    private static async Task Expires(Fixture fixture)
    {
        var database = await fixture.DatabaseAsync();
        Container container = await database.CreateContainerAsync(
            new ContainerProperties("expiring", "/kind") { DefaultTimeToLive = 1 });
        await container.CreateItemAsync(new Thing("1", "a"), A);
        for (var left = 100; ; left -= 1)
        {
            using var answer = await container.ReadItemStreamAsync("1", A);
            if (answer.StatusCode == HttpStatusCode.NotFound) return;
            Expect.True(left > 0, "it expires");
            await Task.Delay(50);
        }
    }
}
