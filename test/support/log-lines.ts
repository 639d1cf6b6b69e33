// What tests expect of log lines.

/** The trace id of a line about an order. */
export const anyTraceId = (): string => expect.stringMatching(/^[\da-f]{32}$/) as string;
