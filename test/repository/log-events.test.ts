// The catalogue of log events (src/ports/log-events.ts) against the lines that the source writes. Names and levels are checked
// by the compiler where they are written; docs/log-events.md is made of the catalogue.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { DescribedEvent } from '../../src/ports/described-event';
import { LOG_EVENTS } from '../../src/ports/log-events';
import { logCallsBelow } from '../support/log-calls';

const root = path.resolve(__dirname, '../..');
const written = logCallsBelow(path.join(root, 'src'));
const described: Readonly<Record<string, DescribedEvent>> = LOG_EVENTS;

test('the catalogue has every event that the source writes, and no other', () => {
  expect(Object.keys(described).sort()).toEqual([...written.keys()].sort());
});

test.each([...written])('%s has the fields that the catalogue says', (event, fields) => {
  const own = [...fields].filter((field) => field !== 'traceId');
  expect([...(described[event]?.fields ?? [])].sort()).toEqual(own.sort());
});

test('docs/log-events.md has every event of the catalogue, and no other', () => {
  const page = readFileSync(path.join(root, 'docs/log-events.md'), 'utf8');
  const named = [...page.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name = '']) => name);
  expect(named.sort()).toEqual(Object.keys(described).sort());
});

test('every line of an order names its order and its trace', () => {
  for (const [event, fields] of written)
    if (fields.has('orderId') && fields.has('correlationId'))
      expect([event, fields.has('traceId')]).toEqual([event, true]);
});
