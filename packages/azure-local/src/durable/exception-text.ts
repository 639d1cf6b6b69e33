// Writer of failure details: a .NET exception as Json.NET serialises it, with the keys in their order. Stacks of .NET
// are left out, because there is no .NET here.

const HRESULT = -2146233088;

/** Of an activity whose handler threw `error`. */
export const activityException = (error: Error): string =>
  exceptionText('System.Exception', error.message, error);

/** Of an orchestrator whose function failed outside of the SDK's own errors. */
export const orchestratorException = (error: Pick<Error, 'message' | 'stack'>): string =>
  exceptionText('System.AggregateException', 'One or more errors occurred.', error, {
    InnerExceptions: [workerException(error)],
  });

function exceptionText(
  className: string,
  message: string,
  error: Pick<Error, 'message' | 'stack'>,
  more: object = {},
): string {
  return JSON.stringify({
    $type: `${className}, System.Private.CoreLib`,
    ClassName: className,
    Message: message,
    Data: null,
    InnerException: workerException(error),
    HelpURL: null,
    StackTraceString: null,
    RemoteStackTraceString: null,
    RemoteStackIndex: 0,
    ExceptionMethod: null,
    HResult: HRESULT,
    Source: null,
    WatsonBuckets: null,
    ...more,
  });
}

/** What the host makes of a failure that the worker reports. */
const workerException = ({ message, stack = '' }: Pick<Error, 'message' | 'stack'>): object => ({
  $type: 'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script',
  IsUserException: false,
  RemoteStackTrace: stack,
  RemoteMessage: message,
  RemoteTypeName: null,
  Message: workerFailure(message, stack),
  Data: { $type: 'System.Collections.ListDictionaryInternal, System.Private.CoreLib' },
  InnerException: null,
  HelpLink: null,
  Source: 'System.Private.CoreLib',
  HResult: HRESULT,
  StackTrace: null,
});

/** The message of that exception. */
export const workerFailure = (message: string, stack: string): string =>
  `Result: Failure\nException: ${message}\nStack: ${stack}`;
