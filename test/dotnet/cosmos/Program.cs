// Runs every check against the account at <endpoint> with the official .NET client and prints one line of JSON per check:
// { "check": name, "ok": true, "ms": n } or { "check": name, "ok": false, "ms": n, "error": text }. The exit code is 0 when
// all checks ran, whatever they found. A contract test of the Cosmos DB look-alike reads the lines.
using System.Diagnostics;
using System.Text.Json;
using CosmosChecks;

if (args.Length != 2)
{
    Console.Error.WriteLine("Usage: cosmos-checks <endpoint> <key>");
    return 2;
}

(string Name, Func<Fixture, Task> Run)[] checks =
[
    .. ResourceChecks.All,
    .. DocumentChecks.All,
    .. BatchChecks.All,
    .. QueryChecks.All,
    .. ChangeFeedChecks.All,
    .. ProcessorChecks.All,
];

// Some at a time: those of the processor wait most of theirs.
using var fixture = new Fixture(args[0], args[1]);
await Parallel.ForEachAsync(checks, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (check, _) =>
{
    var watch = Stopwatch.StartNew();
    string? error = null;
    try
    {
        await check.Run(fixture).WaitAsync(TimeSpan.FromMinutes(2));
    }
    catch (Exception thrown)
    {
        error = thrown.ToString();
    }
    var ms = watch.ElapsedMilliseconds;
    Console.WriteLine(JsonSerializer.Serialize<object>(
        error is null ? new { check = check.Name, ok = true, ms } : new { check = check.Name, ok = false, ms, error }));
});
return 0;
