// The file in which an app says what it needs of the platform.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseEntities } from '../../src/servicebus/entities';
import { fillSettings, NEEDS_FILE, readAppNeeds } from '../../src/supervisor/app-needs';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'app-needs-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const write = (text: string): void => writeFileSync(path.join(folder, NEEDS_FILE), text);

test('an app without the file has no queues, topics and settings', () => {
  const { servicebus, ...others } = readAppNeeds(folder);
  expect(parseEntities(servicebus)).toEqual({ queues: [], topics: [] });
  expect(others).toEqual({ eventgrid: { topics: [] }, settings: {} });
});

test('placeholders in settings are replaced by the platform’s values, at any position', () => {
  write(
    '{ "settings": { "A": "{cosmos}", "B": "{eventgrid}/news/api/events", "C": "{other}", "D": "{telemetry}" } }',
  );
  const values = {
    ...{ cosmos: 'AccountEndpoint=x', servicebus: 'sb', eventgrid: 'http://e', services: '' },
    telemetry: 'http://t',
  };
  expect(fillSettings(readAppNeeds(folder).settings, values)).toEqual({
    A: 'AccountEndpoint=x',
    B: 'http://e/news/api/events',
    C: '{other}',
    D: 'http://t',
  });
});

test.each([
  ['{', 'is not JSON'],
  ['{ "queues": [] }', 'Unrecognized key: "queues"'],
  ['{ "settings": { "A": 1 } }', 'settings.A'],
  ['{ "eventgrid": { "topics": [{}] } }', 'eventgrid.topics[0].name'],
])('%s is refused with the file and what is wrong', (text, problem) => {
  write(text);
  expect(() => readAppNeeds(folder)).toThrow(problem);
  expect(() => readAppNeeds(folder)).toThrow(path.join(folder, NEEDS_FILE));
});
