// The order saga in the mode choreography when its host dies after any call, and when messages are lost, come twice, late or in
// another order: money, parcel and stock agree with the order all the same.
import fc from 'fast-check';
import {
  openChoreography,
  openWorld,
  type Choreography,
  type ChoreographyWorld,
  type Mail,
} from '../support/choreography';
import { SCOPE } from '../support/orders';
import { UNKIND_SCENARIOS, type UnkindScenario } from '../support/unkind-points';
import { Life } from '../support/unkind-host';
import { judge, type Kind } from '../support/unkind-judge';

/** Without those in which people have a part; returns are orchestrations in both modes. */
const SCENARIOS: Readonly<Record<string, UnkindScenario>> = {
  ...Object.fromEntries(Object.entries(UNKIND_SCENARIOS).filter(([, { people }]) => people === undefined)),
  'warehouse-refuses': { faults: { reserve: ['refuse', 'refuse', 'refuse', 'refuse'] } },
};
const NAMES = Object.keys(SCENARIOS);
const goodOnes = [
  'completed',
  'payment-answer-lost',
  'payment-tried-again',
  'shipped-late',
  'confirmed-late',
];

interface World {
  readonly world: ChoreographyWorld;
  readonly scenario: string;
}

const NOTHING: UnkindScenario = { faults: {} };
const scenarioOf = (name: string): UnkindScenario => SCENARIOS[name] ?? NOTHING;

function worldOf(scenario: string): ChoreographyWorld {
  const world = openWorld();
  Object.assign(world.services.faults, structuredClone(scenarioOf(scenario).faults));
  return world;
}

/** Of new orders; whoever goes on with one takes what it began with. */
function settingsOf(scenario: string): Parameters<typeof openChoreography>[0] {
  const { couponFailurePolicy } = scenarioOf(scenario);
  return couponFailurePolicy === undefined ? {} : { couponFailurePolicy };
}

/** Everything that is wrong once a host has brought the order to its end, and the late look-up is through. */
async function judged(
  { world, scenario }: World,
  cancel: 'none' | 'accepted' | 'refused',
): Promise<readonly Kind[]> {
  const host = openChoreography(settingsOf(scenario), world);
  const [placed] = world.orders.all();
  if (placed === undefined) return [];
  const { order, events } = await host.finish(placed.orderId);
  for (let run = 0; run < 8; run++) {
    world.clock.advance(5 * 60_000);
    await host.reconcile();
  }
  const isGood = goodOnes.includes(scenario);
  const now = (await world.orders.read(SCOPE, order.orderId))?.order ?? order;
  return judge({ order: now, events, ledger: world.services.ledger, isGood, cancel });
}

/** Runs the saga on a host that lives so long; what it did when it died. */
async function diesAt(scenario: string, death: number | undefined): Promise<World & { moments: string[] }> {
  const world = worldOf(scenario);
  const life = new Life(death);
  const host = openChoreography(settingsOf(scenario), world, life);
  await Promise.race([host.place(scenarioOf(scenario).request), life.end]);
  const { clock, mail } = world;
  while (!life.isOver()) {
    const [next] = await host.due();
    if (next !== undefined) await host.receive(next);
    else if (mail.length > 0)
      clock.advance(Math.max(0, Math.min(...mail.map(({ dueMs }) => dueMs)) - clock.now()));
    else break;
  }
  return { world, scenario, moments: life.moments };
}

test.each(NAMES)(
  'S17, S1, S2: %s: whatever call the host dies at, another host goes on and all agrees',
  async (scenario) => {
    const { moments } = await diesAt(scenario, undefined);
    expect(moments.length).toBeGreaterThan(10);
    const wrong: [string, readonly Kind[]][] = [];
    for (let death = 1; death <= moments.length; death++) {
      for (const cancels of [false, true]) {
        const left = await diesAt(scenario, death);
        const answer = cancels ? await cancelAll(openChoreography({}, left.world)) : 'none';
        const kinds = await judged(left, answer);
        if (kinds.length > 0) wrong.push([`${moments[death - 1]}, ${answer}`, kinds]);
      }
    }
    expect(wrong).toEqual([]);
  },
  120_000,
);

test('S17, S26: a first step that was refused is refused once, whatever call the host dies at', async () => {
  const { moments } = await diesAt('warehouse-refuses', undefined);
  for (let death = 1; death <= moments.length; death++) {
    const { world } = await diesAt('warehouse-refuses', death);
    const [placed] = world.orders.all();
    if (placed === undefined) continue;
    const { events } = await openChoreography({}, world).finish(placed.orderId);
    expect([moments[death - 1], ...events.map(({ type }) => type)]).toEqual([
      moments[death - 1],
      ...['OrderCreated', 'SagaStarted', 'StockReservationFailed', 'OrderFailed'],
    ]);
  }
});

async function cancelAll(host: Choreography): Promise<'none' | 'accepted' | 'refused'> {
  const [order] = host.world.orders.all();
  if (order === undefined) return 'none';
  return (await host.cancel(order.orderId)).kind === 'accepted' ? 'accepted' : 'refused';
}

/** What becomes of the next message: `turn` is which of those that are due. */
const fate = fc.record({
  kind: fc.constantFrom('taken', 'twice', 'lost', 'late', 'cancel', 'reconcile'),
  turn: fc.nat(5),
});
type Fate = typeof fate extends fc.Arbitrary<infer T> ? T : never;

async function suffer(host: Choreography, { kind, turn }: Fate): Promise<'accepted' | 'refused' | undefined> {
  const { mail, clock } = host.world;
  const due = await host.due();
  const one: Mail | undefined = due[turn % Math.max(1, due.length)];
  const cancelled = kind === 'cancel' ? await cancelAll(host) : undefined;
  if (kind === 'reconcile') {
    clock.advance(31_000);
    await host.reconcile();
  }
  if (one === undefined) {
    if (mail.length > 0)
      clock.advance(Math.max(0, Math.min(...mail.map(({ dueMs }) => dueMs)) - clock.now()));
  } else if (kind === 'lost') mail.splice(mail.indexOf(one), 1);
  else if (kind === 'late')
    mail.push({ ...one, id: `${one.id}:late:${mail.length}`, dueMs: clock.now() + 45_000 });
  else if (kind === 'twice') await Promise.all([host.receive(one), host.receive({ ...one })]);
  else await host.receive(one);
  return cancelled === 'none' ? undefined : cancelled;
}

test('S17: messages that are lost, doubled, late or in another order change nothing, with a cancel at any time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...NAMES),
      fc.array(fate, { maxLength: 25 }),
      async (scenario, fates) => {
        const world = worldOf(scenario);
        const host = openChoreography(settingsOf(scenario), world);
        await host.place(scenarioOf(scenario).request);
        let cancel: 'none' | 'accepted' | 'refused' = 'none';
        for (const each of fates) {
          const answer = await suffer(host, each);
          if (answer !== undefined && cancel !== 'accepted') cancel = answer;
        }
        expect(await judged({ world, scenario }, cancel)).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
}, 120_000);
