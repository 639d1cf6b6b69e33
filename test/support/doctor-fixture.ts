// Fixture for the tests of `npm run doctor`: a temporary folder for each test, and findings as lines.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Finding } from '../../local/doctor/finding';
import { parseStartFlags, type StartOptions } from 'azure-local/supervisor/start-flags';

export const ROOT = path.resolve(__dirname, '../..');

/** The folder of the test that runs. */
export let folder: string;

/** Makes the folder before each test of the file and removes it after. */
export function folderPerTest(): void {
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'order-saga-doctor-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
}

/** The options of a start with its data in `folder`. */
export function startOptions(folder: string, ...flags: string[]): StartOptions {
  const command = parseStartFlags(['--data', folder, ...flags], ROOT);
  if (command.kind !== 'start') throw new Error(JSON.stringify(command));
  return command.options;
}

/** Each finding as `<status> <check>: <message>`. */
export const linesOf = (findings: readonly Finding[]): string[] =>
  findings.map(({ check, status, message }) => `${status} ${check}: ${message}`);

export const matching = (text: string): string => expect.stringContaining(text) as string;
