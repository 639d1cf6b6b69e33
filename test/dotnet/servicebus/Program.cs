// Runs named checks of the official .NET Service Bus client against one namespace, each on an entity with the check's name.
// Prints one JSON line per check: {"check","passed","error"}. Exits with 0 when all of them passed, 1 otherwise, 2 on bad usage.
//
//   dotnet servicebus-checks.dll <connection string> [check ...]
using System.Text.Encodings.Web;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using ServiceBusChecks;

if (args.Length == 0)
{
    Console.Error.WriteLine("Usage: servicebus-checks <connection string> [check ...]");
    return 2;
}

var checks = new Dictionary<string, Func<Scene, Task>>(
    [.. SenderChecks.All, .. ReceiverChecks.All, .. SettlementChecks.All, .. ProcessorChecks.All,
     .. SessionChecks.All, .. SessionProcessorChecks.All, .. TopicChecks.All, .. PropertyChecks.All, .. OutageChecks.All,
     .. RefusalChecks.All]);
var wanted = args.Length > 1 ? args[1..] : [.. checks.Keys];
var unknown = wanted.Where(name => !checks.ContainsKey(name)).ToArray();
if (unknown.Length > 0)
{
    Console.Error.WriteLine($"No such check: {string.Join(", ", unknown)}. There are {string.Join(", ", checks.Keys)}.");
    return 2;
}

var readable = new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
var passed = await Task.WhenAll(wanted.Select(Run));
return passed.All(one => one) ? 0 : 1;

async Task<bool> Run(string check)
{
    string? error = null;
    try
    {
        await using var scene = new Scene(args[0], check);
        await checks[check](scene).WaitAsync(TimeSpan.FromSeconds(90));
    }
    catch (Exception e)
    {
        error = $"{e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Checks."))?.Trim()}";
    }
    Console.WriteLine(JsonSerializer.Serialize(new { check, passed = error is null, error }, readable));
    return error is null;
}
