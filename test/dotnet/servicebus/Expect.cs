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

    /// <summary>That the service refuses, with the reason that the client knows it by, and says what it is about.</summary>
    public static async Task Refused(ServiceBusFailureReason reason, Func<Task> call, string about = "")
    {
        var error = await Thrown<ServiceBusException>(call);
        That(error.Reason == reason, $"refused with {error.Reason}, not {reason}: {error.Message}");
        That(error.Message.Contains(about), $"refused without a word about '{about}': {error.Message}");
    }

    public static async Task<T> Thrown<T>(Func<Task> call)
        where T : Exception
    {
        try
        {
            await call();
        }
        catch (T e)
        {
            return e;
        }
        throw new CheckFailed($"nothing was refused; expected {typeof(T).Name}");
    }
}
