// Live events of the running system: none missed and none out of order while its host or the platform is killed.
import {
  createSystemClient,
  isEnded,
  poll,
  type OrderBody,
  type SystemClient,
} from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { newCustomer, order } from '../support/order-caller';
import { parseSentEvents, type SentEvents } from '../support/sent-events';

const TOKEN = 'an-operator-of-this-test';
/** Between two kills. */
const ORDERS = 3;
const VICTIMS = [undefined, 'host', 'platform'] as const;

let system: RunningSystem;
let client: SystemClient;
beforeAll(async () => {
  system = await startSystem({
    settings: {
      'OrderProcessing:OperatorToken': TOKEN,
      'OrderProcessing:ReconcileAfterSeconds': '1',
      'OrderProcessing:BreakerOpenSeconds': '1',
    },
    // What a killed host had taken would else stay hidden for two minutes, as host.json says.
    args: ['--hosts', '2', '--visibility', '4'],
  });
  client = createSystemClient(system.urls);
});
afterAll(() => system.stop());

interface Told {
  readonly eventId: string;
  readonly orderId: string;
  readonly sequence: number;
  readonly type: string;
}

/** Reads a stream as a page does, again and again with the last id, until `isDone`; what is away is asked again. */
async function watch(
  path: string,
  isDone: (told: readonly Told[]) => boolean,
  from?: string,
): Promise<Told[]> {
  const told: Told[] = [];
  let lastId = from;
  const ask = async (): Promise<SentEvents> => {
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
    };
    const response = await fetch(`${system.urls.api}/api/${path}`, { headers });
    if (response.status !== 200) throw new Error(`it answered ${response.status}`);
    return parseSentEvents(await response.text());
  };
  while (!isDone(told)) {
    const answer = await poll(ask, () => true);
    told.push(...answer.events.map(({ data }) => data as Told));
    lastId = answer.lastId ?? lastId;
  }
  return told;
}

/** An order that begins while the process that is killed next is away: what watches it has to come back. */
const place = (): ReturnType<SystemClient['place']> => {
  const notBefore = new Date(Date.now() + 1_500).toISOString();
  return client.place({ ...order(newCustomer()), notBefore } as OrderBody & { readonly notBefore: string });
};

const hasEnded = (told: readonly Told[]): boolean => told.at(-1)?.type === 'OrderCompleted';

test('every watcher gets every event of its order once and in order, over a kill of the host and of the platform', async () => {
  const opened = await fetch(`${system.urls.api}/api/ops/events/stream?wait=0`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  const { lastId } = parseSentEvents(await opened.text());
  const seen = new Set<string>();
  const feed = watch(
    'ops/events/stream',
    (told) => {
      for (const { eventId } of told) seen.add(eventId);
      const ended = told.filter(({ type }) => type === 'OrderCompleted').map(({ orderId }) => orderId);
      return new Set(ended).size === ORDERS * VICTIMS.length;
    },
    lastId,
  );
  const watched: Promise<Told[]>[] = [];
  const ids: string[] = [];
  for (const victim of VICTIMS) {
    const placed = await Promise.all(Array.from({ length: ORDERS }, () => place()));
    const ofThese = placed.map(({ id }) => watch(`orders/${id}/events/stream`, hasEnded));
    ids.push(...placed.map(({ id }) => id));
    watched.push(...ofThese);
    if (victim === undefined) continue;
    await system.kill(victim);
    await system.recovered();
    await Promise.all(ofThese);
  }
  for (const [index, told] of (await Promise.all(watched)).entries()) {
    const id = ids[index] ?? '';
    await poll(() => client.order(id), isEnded);
    const events = (await client.events(id)) as unknown as readonly Told[];
    expect(told.map(({ eventId }) => eventId)).toEqual(events.map(({ eventId }) => eventId));
  }
  await feed;
  for (const id of ids) expect([...seen].filter((eventId) => eventId.startsWith(id))).toHaveLength(8);
});
