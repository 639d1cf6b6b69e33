// The assertions of the checks.
using Azure.Messaging.ServiceBus;

namespace ServiceBusChecks;

public sealed class CheckFailed(string message) : Exception(message);

public static class Expect
{
    public static void That(bool holds, string what)
    {
        if (!holds) throw new CheckFailed(what);
    }

    public static void Equal<T>(T expected, T actual, string what) =>
        That(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: expected {expected}, got {actual}");

    public static void Sequence<T>(IEnumerable<T> expected, IEnumerable<T> actual, string what) =>
        Equal(string.Join(", ", expected), string.Join(", ", actual), what);

    /// <summary>That the service refuses, with the reason that the client knows it by.</summary>
    public static async Task Refused(ServiceBusFailureReason reason, Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (ServiceBusException e)
        {
            That(e.Reason == reason, $"refused with {e.Reason}, not {reason}: {e.Message}");
            return;
        }
        throw new CheckFailed($"not refused; expected {reason}");
    }
}
