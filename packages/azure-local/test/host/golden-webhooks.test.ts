// Access keys and the Event Grid webhook of the host's program against the recordings of the platform: which key opens
// what, and every answer to Event Grid.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HEADERS_NOT_COMPARED } from '../../testing/host-differences';
import { fixture, sendRequest, type Answer } from '../../testing/host-process';
import { removeChildren } from '../../testing/child-programs';
import { killPrograms, startProgram, type HostProgram } from './host-program';

interface RecordedKeys {
  /** By request, then by the key that it brought, in the header as in the query. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly several: readonly {
    readonly request: string;
    readonly header: string | null;
    readonly query: string;
    readonly answer: string;
  }[];
}

interface RecordedExchange {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | null;
  };
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly bodyText: string;
}

const KEYS: Readonly<Record<string, string>> = {
  ...{ function: 'function-key', master: 'master-key', durable: 'durable-key', eventgrid: 'eventgrid-key' },
};
const keys = readGolden('keys') as RecordedKeys;
const eventGrid = readGolden('event_grid') as Readonly<Record<string, RecordedExchange>>;

let folder: string;
let host: HostProgram;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'host-golden-'));
  mkdirSync(path.join(folder, 'data'));
  writeFileSync(path.join(folder, 'data', 'keys.json'), JSON.stringify(KEYS));
  host = await startProgram(fixture('host-golden-events'), path.join(folder, 'data'));
});
afterAll(() => {
  killPrograms();
  removeChildren();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(Object.entries(keys.answers))('%s', (request, answers) => {
  test.each(Object.entries(answers))(
    'with the key "%s" is answered as recorded: %s',
    async (name, recorded) => {
      const key = KEYS[name] ?? 'wrong';
      if (name === 'none') expect(await ask(request)).toBe(recorded);
      else {
        expect(await ask(request, { 'x-functions-key': key })).toBe(recorded);
        expect(await ask(request, {}, `code=${key}`)).toBe(recorded);
      }
    },
  );
});

test.each(keys.several)(
  '$request with the keys "$header" and $query is answered as recorded',
  async (given) => {
    const headers = given.header === null ? undefined : { 'x-functions-key': withKeys(given.header) };
    expect(await ask(given.request, headers, withKeys(given.query))).toBe(given.answer);
  },
);

test.each(Object.keys(eventGrid))('the Event Grid webhook answers %s as recorded', async (name) => {
  const { request, status, headers, bodyText } = exchange(name);
  const answer = await sendRequest(host.url, withKeys(request.path), {
    method: request.method,
    headers: request.headers,
    ...(request.body === null ? undefined : { body: request.body }),
  });
  expect([answer.status, answer.text]).toEqual([status, bodyText]);
  expect(comparable(Object.entries(answer.headers))).toEqual(comparable(headers));
});

/** `GET /path`: its status, and its challenge where there is one. */
async function ask(request: string, headers: Record<string, string> = {}, query = ''): Promise<string> {
  const [method = '', target = ''] = request.split(' ');
  const separator = target.includes('?') ? '&' : '?';
  const answer: Answer = await sendRequest(host.url, query === '' ? target : target + separator + query, {
    method,
    headers: { 'content-type': 'application/json', 'aeg-event-type': 'Nope', ...headers },
    ...(method === 'POST' ? { body: '{}' } : undefined),
  });
  const challenge = answer.headers['www-authenticate'];
  return challenge === undefined ? String(answer.status) : `${answer.status} ${challenge}`;
}

const withKeys = (text: string): string =>
  text.replace(/<(\w+)(?:-key)?>/g, (_, name: string) => KEYS[name] ?? '');

const comparable = (headers: readonly (readonly [string, unknown])[]): string[] =>
  headers
    .map(([name, value]) => `${name.toLowerCase()}: ${String(value)}`)
    .filter((line) => !HEADERS_NOT_COMPARED.includes(line.slice(0, line.indexOf(':'))))
    .sort();

function exchange(name: string): RecordedExchange {
  const recorded = eventGrid[name];
  if (recorded === undefined) throw new Error(`There is no recording ${name}.`);
  return recorded;
}

function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(path.resolve(__dirname, '../golden/host', `${name}.json`), 'utf8'));
}
