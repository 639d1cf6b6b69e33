// Error texts with which the engine fails an instance. Where the platform has a message it is the platform's; where
// the platform hangs instead, the message says so and what to do.
import type { Call } from './tasks';

export const orchestratorFailed = (orchestrator: string, why: string): string =>
  `Orchestrator function '${orchestrator}' failed: ${why}`;

export const unknownOrchestrator = (name: string): string =>
  `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function. ` +
  `Register it with df.app.orchestration('${name}', …), or correct the name that was started.`;

export const unknownActivity = (orchestrator: string, activity: string, id: number): string =>
  orchestratorFailed(
    orchestrator,
    `it calls activity '${activity}' (sequence number ${id}), which the app has not registered. On Azure the instance would stay ` +
      `Running for ever. Register it with df.app.activity('${activity}', …), or correct the name.`,
  );

export const unknownChild = (orchestrator: string, child: string, id: number): string =>
  orchestratorFailed(
    orchestrator,
    `it calls sub-orchestrator '${child}' (sequence number ${id}), which the app has not registered. On Azure the instance would ` +
      `stay Running for ever. Register it with df.app.orchestration('${child}', …), or correct the name.`,
  );

export const unknownEntity = (orchestrator: string, entity: string, id: number): string =>
  orchestratorFailed(
    orchestrator,
    `it sends an operation to entity '${entity}' (sequence number ${id}), which the app has not registered. On Azure the instance ` +
      `would stay Running for ever. Register it with df.app.entity('${entity}', …), or correct the name.`,
  );

export const reservedId = (orchestrator: string, id = ''): string =>
  orchestratorFailed(
    orchestrator,
    `Orchestration instance ids must not start with '@', as '${id}' does: that is how entities are named.`,
  );

/** The child's failure as its parent gets it. */
export const childRuns = (child: string, status: string): string =>
  `An Orchestration instance with the status ${status} already exists under the id '${child}', so no sub-orchestration was ` +
  'started with it. (On Azure the parent would wait for ever.) Wait for the other one, or call it with another id.';

export const retryTimeout = (orchestrator: string, call: Call): string =>
  orchestratorFailed(
    orchestrator,
    `the retryTimeoutInMilliseconds of '${call.name}' has passed. On Azure the instance would now stay Running for ever, because ` +
      'durable-functions 3.5.0 does not know this option. Leave it out and bound maxNumberOfAttempts instead.',
  );

export const wrongVersion = (name: string, version: string | null, expected: string | null): string =>
  `VersionMismatch: orchestration '${name}' has version '${version ?? ''}', and this host runs version '${expected ?? ''}' ` +
  '(defaultVersion and versionMatchStrategy in host.json).';

export const notSimulated = (orchestrator: string, what: string, id: number): string =>
  orchestratorFailed(
    orchestrator,
    `${what} is not simulated by the local host yet (sequence number ${id}). Run this orchestrator under \`func start\` or on Azure, ` +
      'or write it with activities, timers and external events.',
  );

/** For an orchestrator that runs in the thread of the engine, as in tests: its input could not leave a worker. */
export const inputNotJson = (
  orchestrator: string,
  { kind, name }: { kind: string; name: string },
  id: number,
  error: unknown,
): string =>
  orchestratorFailed(
    orchestrator,
    `the input of ${NOUNS[kind] ?? kind} '${name}' (sequence number ${id}) cannot be written as JSON: ${String(error)}. ` +
      'Pass plain data: no BigInt, no cycles.',
  );

export const retryNotFinite = (orchestrator: string, call: string, id: number): string =>
  orchestratorFailed(
    orchestrator,
    `the retry options of '${call}' (sequence number ${id}) hold something that is no finite number, which does not reach the platform ` +
      'either. Give each interval in milliseconds, and a whole number of attempts: a large one for "without end".',
  );

export const notWritable = (orchestrator: string, error: unknown): string =>
  orchestratorFailed(
    orchestrator,
    `what it asked for cannot be written down: ${String(error)}. Give valid dates to timers, and plain data to everything else: ` +
      'no BigInt, no cycles.',
  );

/** Recorded: the size is given in whole KB. */
export const customStatusTooBig = (orchestrator: string, bytes: number): string =>
  orchestratorFailed(
    orchestrator,
    'The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. ' +
      `The current payload size is ${Math.floor(bytes / 1024)} KB.`,
  );

const NOUNS: Readonly<Record<string, string>> = { activity: 'activity', sub: 'sub-orchestrator' };
