// Transactional batches.
using System.Net;
using Microsoft.Azure.Cosmos;

namespace CosmosChecks;

public static class BatchChecks
{
    public static readonly (string, Func<Fixture, Task>)[] All =
    [
        ("a batch performs all operations and answers each", AllOperations),
        ("a refused operation takes the whole batch along", Refused),
        ("a batch heeds the etag of an operation", Etag),
        ("a batch without content answers no document", NoContent),
        ("a batch of the most operations is taken, with long documents", Large),
    ];

    private static readonly PartitionKey A = new("a");

    private static async Task AllOperations(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        foreach (var id in (string[])["replace", "delete", "read", "patch"])
            await container.CreateItemAsync(new Thing(id, "a", 1), A);
        using var answer = await container.CreateTransactionalBatch(A)
            .CreateItem(new Thing("create", "a", 2))
            .UpsertItem(new Thing("upsert", "a", 3))
            .ReplaceItem("replace", new Thing("replace", "a", 4))
            .DeleteItem("delete")
            .ReadItem("read")
            .PatchItem("patch", [PatchOperation.Increment("/n", 4)])
            .ExecuteAsync();
        Expect.True(answer.IsSuccessStatusCode, $"success ({answer.StatusCode} {answer.ErrorMessage})");
        Expect.Equal(6, answer.Count, "results");
        Expect.Sequence([201, 201, 200, 204, 200, 200], answer.Select(one => (int)one.StatusCode), "statuses");
        Expect.Equal(2, answer.GetOperationResultAtIndex<Thing>(0).Resource.n, "the created document");
        Expect.Equal(5, answer.GetOperationResultAtIndex<Thing>(5).Resource.n, "the patched document");
        Expect.True(answer[0].ETag is { Length: > 0 }, "an etag");
        Expect.Equal(
            answer[0].ETag, (await container.ReadItemAsync<Thing>("create", A)).ETag, "the etag of the document");
    }

    private static async Task Refused(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        await container.CreateItemAsync(new Thing("there", "a"), A);
        using var answer = await container.CreateTransactionalBatch(A)
            .CreateItem(new Thing("before", "a"))
            .CreateItem(new Thing("there", "a"))
            .CreateItem(new Thing("after", "a"))
            .ExecuteAsync();
        Expect.True(!answer.IsSuccessStatusCode, "no success");
        Expect.Equal(HttpStatusCode.Conflict, answer.StatusCode, "status");
        Expect.Sequence([424, 409, 424], answer.Select(one => (int)one.StatusCode), "statuses");
        await Expect.StatusAsync(HttpStatusCode.NotFound, () => container.ReadItemAsync<Thing>("before", A));
    }

    private static async Task Etag(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        var created = await container.CreateItemAsync(new Thing("1", "a", 1), A);
        var options = new TransactionalBatchItemRequestOptions { IfMatchEtag = created.ETag };
        async Task<HttpStatusCode> ReplaceAsync(int n)
        {
            using var answer = await container.CreateTransactionalBatch(A)
                .ReplaceItem("1", new Thing("1", "a", n), options)
                .ExecuteAsync();
            return answer.StatusCode;
        }
        Expect.Equal(HttpStatusCode.OK, await ReplaceAsync(2), "the current etag");
        Expect.Equal(HttpStatusCode.PreconditionFailed, await ReplaceAsync(3), "the old etag");
        Expect.Equal(2, (await container.ReadItemAsync<Thing>("1", A)).Resource.n, "the document");
    }

    private static async Task NoContent(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        var silent = new TransactionalBatchItemRequestOptions { EnableContentResponseOnWrite = false };
        using var answer = await container.CreateTransactionalBatch(A)
            .CreateItem(new Thing("1", "a"), silent)
            .CreateItem(new Thing("2", "a"))
            .ExecuteAsync();
        Expect.True(answer[0].ResourceStream is null, "no document");
        Expect.True(answer[1].ResourceStream is not null, "a document where it is not declined");
    }

    private static async Task Large(Fixture fixture)
    {
        var container = await fixture.NewContainerAsync();
        var batch = container.CreateTransactionalBatch(A);
        for (var n = 0; n < 100; n += 1) batch.CreateItem(new Thing($"{n}", "a", n, new string('ä', 5_000)));
        using var answer = await batch.ExecuteAsync();
        Expect.True(answer.IsSuccessStatusCode, $"success ({answer.StatusCode} {answer.ErrorMessage})");
        Expect.Equal(5_000, answer.GetOperationResultAtIndex<Thing>(99).Resource.text?.Length, "the last text");
    }
}
