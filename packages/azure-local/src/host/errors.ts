// Error that stops the function host from starting, worded for the person at the terminal.

/** A start that cannot succeed; `message` is complete: what happened, why, what to do next. No stack is needed. */
export class HostStartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HostStartError';
  }
}

/** The refusal of something the platform has and this host does not. */
export function notSimulated(what: string, functionName: string): HostStartError {
  return new HostStartError(
    `${what} is not simulated by the local host yet: function ${functionName}; ` +
      `disable it with AzureWebJobs.${functionName}.Disabled=true, or run the app with \`func start\`.`,
  );
}
