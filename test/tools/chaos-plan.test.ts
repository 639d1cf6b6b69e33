// What a seed stands for, how a command becomes a plan, and how a failing plan becomes a smaller one.
import { makePlan } from '../../tools/chaos/make-plan';
import { KINDS, type PlanRequest } from '../../tools/chaos/plan';
import { commandFor, parseRequest } from '../../tools/chaos/request';
import { shrink } from '../../tools/chaos/shrink';

const REQUEST: PlanRequest = {
  seed: 7,
  orders: 400,
  durationMs: 60_000,
  kills: 4,
  kinds: KINDS,
  storage: 'atomic',
};

describe('a plan', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(makePlan(REQUEST)).toEqual(makePlan(REQUEST));
    expect(makePlan({ ...REQUEST, seed: 8 }).placed).not.toEqual(makePlan(REQUEST).placed);
    expect(makePlan({ ...REQUEST, seed: 8 }).disturbances).not.toEqual(makePlan(REQUEST).disturbances);
  });

  test('survives JSON, so that it can be printed and kept', () => {
    const { disturbances } = makePlan(REQUEST);
    expect(JSON.parse(JSON.stringify(disturbances))).toEqual(disturbances);
  });

  test.each(KINDS)('without %s is otherwise the same', (left) => {
    const without = makePlan({ ...REQUEST, kinds: KINDS.filter((kind) => kind !== left) });
    const all = makePlan(REQUEST);
    expect(without.placed).toEqual(all.placed);
    expect(without.disturbances).toEqual(all.disturbances.filter(({ kind }) => kind !== left));
    expect(without.disturbances.length).toBeLessThan(all.disturbances.length);
  });

  test('kills host, platform and everything as often as asked', () => {
    const { disturbances } = makePlan(REQUEST);
    for (const kind of ['kill-host', 'kill-platform', 'kill-all']) {
      expect(disturbances.filter((one) => one.kind === kind)).toHaveLength(4);
    }
  });

  test('has orders of every fate, both ways, with repeats, cancels and bad input', () => {
    const { placed } = makePlan(REQUEST);
    expect(placed).toHaveLength(400);
    for (const prefix of ['customer-', 'declined-', 'noship-', 'norefund-']) {
      expect(placed.some(({ customerId }) => customerId.startsWith(prefix))).toBe(true);
    }
    expect(new Set(placed.map(({ ways }) => ways.join('+')))).toEqual(
      new Set(['http', 'queue', 'http+queue', 'http+http+queue']),
    );
    for (const field of ['againAfterMs', 'cancelAfterMs', 'notBeforeMs', 'bad'] as const) {
      expect(placed.some((order) => order[field] !== undefined)).toBe(true);
    }
  });

  test('has digital orders, orders that people approve, reject and forget, and returns of every kind', () => {
    const { placed } = makePlan(REQUEST);
    const kinds = placed.map(({ items }) => items.map(({ kind = 'physical' }) => kind));
    for (const wanted of [['digital'], ['digital', 'physical'], ['physical']])
      expect(kinds).toContainEqual(wanted);
    expect(new Set(placed.map(({ approval }) => approval))).toEqual(
      new Set([undefined, 'approve', 'reject', 'nobody']),
    );
    const returns = placed.flatMap((order) => order.returns);
    expect(new Set(returns.map(({ isCancelled }) => isCancelled))).toEqual(new Set([true, false]));
    expect(returns.some(({ accepted, damaged }) => damaged > 0 && damaged < accepted)).toBe(true);
    for (const order of placed) {
      const pieces = order.returns.reduce((sum, { quantity }) => sum + quantity, 0);
      expect(pieces).toBeLessThanOrEqual(order.items[0]?.quantity ?? 0);
    }
  });

  test('with fewer orders has the first of them', () => {
    const keys = (orders: number): Set<string> =>
      new Set(makePlan({ ...REQUEST, orders }).placed.map((order) => JSON.stringify(order)));
    for (const order of keys(50)) expect(keys(400)).toContain(order);
  });
});

describe('the command line', () => {
  test('is read with a seed of its own where none is given', () => {
    const { request } = parseRequest(['--orders', '250', '--only', 'cosmos,kill-all'], 12);
    expect(request).toMatchObject({ seed: 12, orders: 250, kinds: ['cosmos', 'kill-all'] });
  });

  test.each(['cosmos,kill-all', ''])(
    'gives the request that its own command gives again, of "%s"',
    (only) => {
      const { request } = parseRequest(['--orders', '250', `--only=${only}`], 12);
      const argv = commandFor(request).trim().split(' ').slice(4);
      expect(parseRequest(argv, 99).request).toEqual(request);
    },
  );

  test.each([
    [['--orders', 'many'], '--orders takes a whole number from 1, not "many".'],
    [['--only', 'rain'], '--only takes some of kill-host, kill-platform,'],
    [['--for', '60'], 'live for an hour'],
  ])('%j is refused, saying why', (argv, saying) => {
    expect(() => parseRequest(argv, 1)).toThrow(saying);
  });
});

describe('a failing request', () => {
  const never = (): boolean => false;

  test('comes down to the kinds, orders and kills that it needs to fail', async () => {
    const found = await shrink(
      { ...REQUEST, kills: 8 },
      ({ kinds, orders, kills }) =>
        Promise.resolve(
          kinds.includes('cosmos') && kinds.includes('kill-host') && orders >= 100 && kills >= 2,
        ),
      never,
    );
    expect(found).toEqual({ ...REQUEST, kinds: ['kill-host', 'cosmos'], orders: 100, kills: 2 });
  });

  test('that fails without any disturbance comes down to none', async () => {
    const found = await shrink(REQUEST, () => Promise.resolve(true), never);
    expect(found).toMatchObject({ kinds: [], orders: 10, kills: 1 });
  });

  test('stays as it is when nothing smaller fails, or when there is no time', async () => {
    expect(await shrink(REQUEST, () => Promise.resolve(false), never)).toEqual(REQUEST);
    const untimely = (): Promise<boolean> => Promise.reject(new Error('played although time was up'));
    expect(await shrink(REQUEST, untimely, () => true)).toEqual(REQUEST);
  });
});
