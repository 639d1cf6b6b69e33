// Reader of committed histories: one JSON file each, in one of two forms, and the result of replaying it on a build.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { DurableFunctionInvoker } from 'azure-local/durable/contract';
import { differenceFromStatus, type InstanceStatus } from './status-history';
import { differenceFromTrigger, type RecordedTrigger } from './trigger-history';

/** `what` says which scenario was recorded. */
export type Recording = { readonly what: string } & (RecordedTrigger | { readonly status: InstanceStatus });

/** The names of the recordings in `folder` and below, without `.json`. */
export function recordingsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

export function readRecording(folder: string, name: string): Recording {
  return JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8')) as Recording;
}

/** Why this build would not run the recorded instance on as it began; undefined when it would. */
export function firstDifference(
  functions: DurableFunctionInvoker,
  recording: Recording,
): Promise<string | undefined> {
  return 'status' in recording
    ? differenceFromStatus(functions, recording.status)
    : differenceFromTrigger(functions, recording);
}
