// The official .NET client against the look-alike: what the Service Bus extension of the real Functions host is built on.
// test/dotnet/servicebus runs every check in one process, each on an entity of the check's name.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { removeChildren, startChild } from 'azure-local/testing/child-programs';
import { buildDotnetProgram } from '../support/dotnet-program';
import { config, connectionString, queue } from 'azure-local/testing/servicebus-fixture';

const SESSIONS = { RequiresSession: true };
const SHORT_LOCK = { LockDuration: 'PT5S' };

/** The checks, with the properties of their queues. */
const ON_QUEUES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'sender-single': {},
  'sender-batch': {},
  'sender-large': {},
  'sender-too-large': {},
  'sender-scheduled': {},
  'sender-cancel': {},
  'sender-duplicates': { RequiresDuplicateDetection: true, DuplicateDetectionHistoryTimeWindow: 'PT5M' },
  'sender-no-entity': {},
  'receiver-peek-lock': {},
  'receiver-receive-and-delete': {},
  'receiver-peek': {},
  'receiver-renew-lock': {},
  'receiver-empty': {},
  'receiver-enumerates': {},
  'settle-complete-many': {},
  'settle-abandon': {},
  'settle-dead-letter': {},
  'settle-mixed-at-once': {},
  'settle-defer': {},
  'settle-deferred-dead-letter': {},
  'settle-max-delivery-count': { MaxDeliveryCount: 2 },
  'settle-lock-lost': {},
  'settle-resubmit': {},
  'processor-auto-complete': {},
  'processor-manual-settlement': {},
  'processor-handler-throws': {},
  'processor-renews-lock': SHORT_LOCK,
  'session-receiver': SESSIONS,
  'session-next': SESSIONS,
  'session-state': SESSIONS,
  'session-held': SESSIONS,
  'session-none': SESSIONS,
  'session-next-cancelled': SESSIONS,
  'session-renew': SESSIONS,
  'session-defer': SESSIONS,
  'session-required': SESSIONS,
  'session-processor': SESSIONS,
  'session-processor-goes-on': SESSIONS,
  'session-processor-renews-lock': { ...SESSIONS, ...SHORT_LOCK },
  'properties-system': {},
  'properties-application': {},
  'properties-dead-lettered': {},
  'properties-body-kinds': {},
  'properties-expire': { DeadLetteringOnMessageExpiration: true },
  'outage-sender-and-receiver': {},
  'outage-processor': {},
  'refused-transaction': {},
};

/** The checks whose entity is a topic with the subscriptions `all` and `red`. */
const ON_TOPICS = ['topic-subscriptions', 'topic-dead-letter', 'topic-processor', 'refused-rules'];

const topic = (Name: string): unknown => ({
  Name,
  Subscriptions: [
    { Name: 'all' },
    {
      Name: 'red',
      Rules: [
        { Name: 'red', Properties: { FilterType: 'Correlation', CorrelationFilter: { Label: 'red' } } },
      ],
    },
  ],
});

const ENTITIES = config(
  Object.entries(ON_QUEUES).map(([name, properties]) => queue(name, properties)),
  ON_TOPICS.map(topic),
);
const CHECKS = [...Object.keys(ON_QUEUES), ...ON_TOPICS];

const resultSchema = z.object({ check: z.string(), passed: z.boolean(), error: z.string().nullable() });

const program = buildDotnetProgram('servicebus');

(program.kind === 'built' ? describe : describe.skip)('the .NET client', () => {
  const results = new Map<string, string>();
  let folder: string;

  beforeAll(async () => {
    if (program.kind !== 'built') return;
    folder = mkdtempSync(path.join(os.tmpdir(), 'servicebus-dotnet-'));
    const { ready } = await startChild<{ address: string }>('servicebus/servicebus-child', [
      folder,
      JSON.stringify(ENTITIES),
    ]);
    for (const line of await outputOf(program.dll, connectionString(ready.address))) {
      const { check, passed, error } = resultSchema.parse(JSON.parse(line));
      results.set(check, passed ? 'passed' : (error ?? 'failed without an error'));
    }
  });
  afterAll(() => {
    removeChildren();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(CHECKS)('passes %s', (check) => {
    expect(results.get(check)).toBe('passed');
  });

  test('has no check besides', () => {
    expect([...results.keys()].sort()).toEqual([...CHECKS].sort());
  });
});

/** The lines that the program prints; it ends with 1 when a check failed, which its lines tell. */
function outputOf(dll: string, connection: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    execFile('dotnet', [dll, connection], { maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error !== null && error.code !== 1) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(stdout.split('\n').filter((line) => line !== ''));
    });
  });
}
