// The management API: the recorded calls in their recorded order, compared in status, headers and body.
import { exchanges, KEY, normalise, readGolden, repeat, type Exchange } from '../support/durable-golden';
import { cleanUp, openHub, type HubHarness } from '../../testing/durable-harness';
import type { Answer } from '../../testing/durable-http-api';

const recorded = readGolden('management_endpoints') as Record<string, unknown>;
const queries = readGolden('query_purge_entities') as Record<string, unknown>;

/** Calls of the recorded app's own HTTP functions need a function host; `dup_status` looks at what one of them did. */
const isManagement = (name: string): boolean => !name.startsWith('app_') && name !== 'dup_status';

const COMPARED_HEADERS = ['content-type', 'location', 'retry-after', 'www-authenticate'];

const callsIn = (from: Record<string, unknown>, wanted: (name: string) => boolean) =>
  Object.entries(from)
    .filter(([name]) => wanted(name))
    .flatMap(([name, call]) =>
      exchanges(call).map((exchange) => ({ name: `${name} ${exchange.request.method}`, exchange })),
    );

const calls = callsIn(recorded, isManagement);

/** The instances that the recording numbers: completed, failed, and two that wait for an event. */
const INSTANCES = ['seq3', 'throwsErr', 'waitEvent', 'waitEvent'];

/** Whoever waits with `timeout` waits on the manual clock. */
async function withTimePassing(harness: HubHarness, call: Promise<Answer>): Promise<Answer> {
  let answer: Answer | undefined;
  void call.then((given) => (answer = given));
  while (answer === undefined) {
    await new Promise(setImmediate);
    await harness.engine.idle();
    if (harness.clock.nextDueMs() !== undefined) harness.clock.advance(1000);
  }
  return answer;
}

const ORIGIN = /http:\/\/(?:127\.0\.0\.1|localhost):\d+/g;

const text = (value: unknown): string =>
  ((JSON.stringify(normalise(value)) as string | undefined) ?? '')
    .replace(ORIGIN, '<origin>')
    .replaceAll(`code=${KEY}`, 'code=<key>');

/** An error body with a .NET stack is compared by its message; the rest tells what .NET threw. */
function bodyOf(body: unknown, recordedBody: unknown): string {
  const isException =
    typeof recordedBody === 'object' && recordedBody !== null && 'StackTrace' in recordedBody;
  return text(isException ? (body as { Message?: unknown }).Message : body);
}

const recordedHeaders = ({ headers }: Exchange): string[] =>
  headers
    .filter(([name]) => COMPARED_HEADERS.includes(name.toLowerCase()))
    .map(([name, value]) => text(`${name.toLowerCase()}: ${value}`))
    .sort();

const localHeaders = ({ headers }: Answer): string[] =>
  COMPARED_HEADERS.filter((name) => headers[name] !== undefined)
    .map((name) => text(`${name}: ${String(headers[name])}`))
    .sort();

describe('as recorded', () => {
  const answers: Answer[] = [];

  beforeAll(async () => {
    jest.requireActual('../golden/durable/app.cjs');
    const harness = await openHub({ systemKey: KEY });
    const ids: string[] = [];
    for (const name of INSTANCES) {
      const started = await harness.call('POST', `/orchestrators/${name}?code=${KEY}`, '', {
        'Content-Type': 'application/json',
      });
      ids.push((started.body as { id: string }).id);
    }
    for (const { exchange } of calls) {
      await harness.engine.idle();
      answers.push(await withTimePassing(harness, repeat(harness, exchange, ids)));
    }
    await cleanUp();
  });

  test.each(calls.map(({ name, exchange }, index) => ({ name, exchange, index })))(
    '$name',
    ({ exchange, index }) => {
      const answer = answers[index];
      if (answer === undefined) throw new Error('not called');
      expect(answer.status).toBe(exchange.status);
      expect(localHeaders(answer)).toEqual(recordedHeaders(exchange));
      expect(bodyOf(answer.body, exchange.body)).toBe(bodyOf(exchange.body, exchange.body));
    },
  );
});

describe('entities, as recorded', () => {
  const entityCalls = callsIn(queries, (name) => name.startsWith('entity_'));
  const answers: Answer[] = [];

  beforeAll(async () => {
    const harness = await openHub({ systemKey: KEY });
    for (const { exchange } of entityCalls) {
      answers.push(await repeat(harness, exchange, []));
      await harness.engine.idle();
    }
    await cleanUp();
  });

  test.each(entityCalls.map(({ name, exchange }, index) => ({ name, exchange, index })))(
    '$name',
    ({ exchange, index }) => {
      const answer = answers[index];
      if (answer === undefined) throw new Error('not called');
      expect([answer.status, localHeaders(answer)]).toEqual([exchange.status, recordedHeaders(exchange)]);
      expect(text(answer.body ?? '')).toBe(text(exchange.body ?? ''));
    },
  );
});

describe('with keys', () => {
  afterEach(cleanUp);

  test('opens to its own and to the master key, by query and by header; to other keys it is a 403', async () => {
    const { call } = await openHub({ systemKey: KEY });
    const by = async (query: string, headers: Record<string, string> = {}): Promise<unknown[]> => {
      const answer = await call('GET', `/instances/none${query}`, '', headers);
      return [answer.status, answer.headers['www-authenticate'], answer.body ?? ''];
    };
    for (const key of [KEY, 'master-key']) {
      expect(await by(`?code=${key}`)).toEqual([404, undefined, '']);
      expect(await by('', { 'x-functions-key': key })).toEqual([404, undefined, '']);
    }
    for (const key of ['function-key', 'eventgrid-key'])
      expect(await by(`?code=${key}`)).toEqual([403, undefined, '']);
    expect(await by('?code=wrong')).toEqual([401, 'Bearer', '']);
  });
});

describe('lists and purges, as recorded in status', () => {
  afterEach(cleanUp);

  /** See purgeByFilter: nothing is deleted that a misspelt status did not mean. */
  const KINDER: Readonly<Record<string, number>> = { 'purgeBy_badstatus DELETE': 400 };

  test.each(callsIn(queries, (name) => /^(list|purgeBy)_/.test(name)))(
    '$name',
    async ({ name, exchange }) => {
      const harness = await openHub({ systemKey: KEY });
      const concrete = {
        ...exchange,
        request: {
          ...exchange.request,
          path: exchange.request.path.replace(
            '<ts.0Z>',
            name.includes('uture') ? '2100-01-01' : '2000-01-01',
          ),
        },
      };
      const answer = await repeat(harness, concrete, []);
      expect(answer.status).toBe(KINDER[name] ?? exchange.status);
    },
  );
});
