// Requests held on demand, driven by the official SDK: what they wrote, what their callers see, what closing does.
import type { Container } from '@azure/cosmos';
import { Journal } from '../../src/storage/journal';
import { until } from '../../src/kit/until';
import { ManualClock } from '../../src/kit/clock';
import { MessageHolds } from '../../src/servicebus/message-holds';
import { openCosmos, silent, type Cosmos } from '../../testing/cosmos-fixture';

let cosmos: Cosmos;
let things: Container;
beforeEach(async () => {
  cosmos = await openCosmos();
  things = await cosmos.container('/kind');
});
afterEach(async () => {
  jest.restoreAllMocks();
  await cosmos.close();
});

const holds = (method?: string, body?: unknown) => cosmos.ask('holds', method, body);
const held = (): Promise<unknown> =>
  until('a request is held', async () => {
    const [rule] = (await holds()).json as { held: number }[];
    return rule !== undefined && rule.held > 0;
  });

/** A create whose caller has no patience left when the test says so. */
function create(id: string): { readonly error: Promise<unknown>; readonly giveUp: () => void } {
  const patience = new AbortController();
  const error = things.items.create({ id, kind: 'k' }, { abortSignal: patience.signal }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, giveUp: () => patience.abort() };
}

test('a request held on arrival is never carried out, also after its caller has given up', async () => {
  await holds('PUT', [{ contains: ['"id":"a"', '"kind":"k"'], moment: 'arrival' }]);
  const { error, giveUp } = create('a');
  await held();
  giveUp();

  expect(await error).toBeInstanceOf(Error);
  expect((await things.item('a', 'k').read()).statusCode).toBe(404);
});

test('a request whose answer is held is carried out', async () => {
  await holds('PUT', [{ contains: ['"id":"a"'], moment: 'answer' }]);
  const { error, giveUp } = create('a');
  await held();

  expect((await things.item('a', 'k').read()).statusCode).toBe(200);
  giveUp();
  expect(await error).toBeInstanceOf(Error);
});

test('a request is held only if it contains all that a rule names', async () => {
  await holds('PUT', [{ contains: ['"id":"a"', '"kind":"other"'], moment: 'arrival' }]);

  expect(await create('a').error).toBeUndefined();
  expect((await holds()).json).toEqual([
    { contains: ['"id":"a"', '"kind":"other"'], moment: 'arrival', held: 0 },
  ]);
});

test('a rule for a container and a kind of operation holds only requests that are counted there', async () => {
  const rule = { contains: ['"kind":"k"'], container: things.id, operation: 'create', moment: 'arrival' };
  await holds('PUT', [
    { ...rule, container: 'other' },
    { ...rule, operation: 'replace' },
  ]);
  expect(await create('a').error).toBeUndefined();

  await holds('PUT', [rule]);
  const { error, giveUp } = create('b');
  await held();
  giveUp();
  expect(await error).toBeInstanceOf(Error);
});

test('an empty list of rules lets every later request pass', async () => {
  await holds('PUT', [{ contains: ['"id":"a"'], moment: 'arrival' }]);
  await holds('PUT', []);

  expect(await create('a').error).toBeUndefined();
});

test('closing does not wait for what is held', async () => {
  await holds('PUT', [{ contains: ['"id":"a"'], moment: 'answer' }]);
  const { error, giveUp } = create('a');
  await held();
  await cosmos.server.close();
  giveUp();

  expect(await error).toBeInstanceOf(Error);
});

test('closing does not wait for a request that is held after it has been carried out', async () => {
  await holds('PUT', [{ contains: ['"id":"a"'], moment: 'answer' }]);
  let goOn: (() => void) | undefined;
  const closing = new Promise<void>((resolve) => {
    jest.spyOn(Journal.prototype, 'write').mockImplementationOnce(async function (this: Journal, change) {
      resolve(cosmos.server.close());
      await new Promise<void>((done) => (goOn = done));
      return this.write(change);
    });
  });
  const { error, giveUp } = create('a');
  await until('the write is under way', () => goOn !== undefined);
  goOn?.();
  await closing;
  giveUp();

  expect(await error).toBeInstanceOf(Error);
});

test.each([
  ['{', 'not JSON'],
  [[{ contains: [], moment: 'answer' }], 'contains'],
  [[{ contains: ['a'], moment: 'later' }], 'moment'],
  [[{ contains: ['a'], moment: 'answer', times: 1 }], 'times'],
])('the rules %j are refused, saying why, and what is in force stays', async (rules, saying) => {
  await holds('PUT', [{ contains: ['"id":"a"'], moment: 'answer' }]);

  const { status, json } = await holds('PUT', rules);

  expect(status).toBe(400);
  expect((json as { message: string }).message).toContain(saying);
  expect((await holds()).json).toHaveLength(1);
});

test('the control API lists its routes in a 404', async () => {
  const { status, json } = await cosmos.ask('nothing');

  expect(status).toBe(404);
  expect(JSON.stringify(json)).toContain('PUT /_lookalike/holds');
});

test('the control API has the routes that it is given besides, and refuses what they cannot read', async () => {
  const messages = new MessageHolds(new ManualClock());
  const other = await openCosmos(undefined, silent, {
    'PUT /_lookalike/others': (rules) => {
      messages.replace(rules);
      return messages.list();
    },
  });
  const rule = { entity: 'q', operation: 'send', contains: ['a'], nth: 1, moment: 'arrival' };
  try {
    expect(await other.ask('others', 'PUT', [rule])).toEqual({
      status: 200,
      json: [{ ...rule, seen: [], held: 0 }],
    });
    expect(await other.ask('others', 'PUT', [{}])).toMatchObject({ status: 400 });
    expect(await other.ask('others', 'PUT', '{')).toMatchObject({ status: 400 });
    expect((await other.ask('none')).json).toEqual({
      message: expect.stringContaining('PUT /_lookalike/others') as unknown,
    });
  } finally {
    await other.close();
  }
});
