// Checks of what a look-alike may refuse, but must refuse at once and by its name.
using System.Transactions;
using Azure.Messaging.ServiceBus;

namespace ServiceBusChecks;

public static class RefusalChecks
{
    public static readonly Dictionary<string, Func<Scene, Task>> All = new()
    {
        ["refused-transaction"] = Transaction,
        ["refused-rules"] = Rules,
    };

    private static async Task Transaction(Scene scene)
    {
        var error = await Expect.Thrown<Exception>(async () =>
        {
            using var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
            await scene.Send("in a transaction");
            scope.Complete();
        });
        Expect.That($"{error}".Contains("does not simulate transactions"), $"{error}");
        await scene.NothingLeft();
    }

    private static async Task Rules(Scene scene)
    {
        await using var rules = scene.Client.CreateRuleManager(scene.Entity, "all");
        var error = await Expect.Thrown<Exception>(() => rules.DeleteRuleAsync("red"));
        Expect.That($"{error}".Contains("does not simulate"), $"{error}");
    }
}
