// Erasure of a customer's personal data: when it is done, what is left, and what a restored backup needs.
import {
  applyErasures,
  eraseCustomer,
  finishErasures,
  listErasures,
  type ErasurePorts,
} from '../../../src/operations/erase-customer';
import { createMemoryKeyRings, openEncryption } from '../../support/field-cipher';

const CUSTOMER = { tenantId: 'acme', customerId: 'cust-1' };
const TENANT = { tenantId: 'acme' };
const place = { ...CUSTOMER, orderId: 'order-1', field: 'contact' };
const CACHE_MS = 1_000;
const NEWEST = '2026-03-01T10:00:00.000Z';

function open(rings = createMemoryKeyRings()) {
  const now = { ms: Date.UTC(2026, 0, 1) };
  const running: string[] = [];
  const lines: string[] = [];
  const log = {
    info: (event: string) => void lines.push(event),
    warn: () => undefined,
    error: () => undefined,
  };
  const clock = { nowMs: () => now.ms };
  const encryption = openEncryption({ rings, clock, cacheMs: CACHE_MS });
  /** An instance of its own, which holds the keys that it has read. */
  const other = openEncryption(encryption.ports);
  const ports: ErasurePorts = {
    ...{ rings, clock, cacheMs: CACHE_MS, invoiceYears: 10 },
    customers: {
      running: () => Promise.resolve([...running]),
      orders: () => Promise.resolve([]),
      newestAt: () => Promise.resolve(NEWEST),
    },
    forget: (scope) => encryption.keys.forget(scope),
  };
  const erase = () => eraseCustomer(ports, CUSTOMER, 'customer', log);
  const { cipher, keys } = encryption;
  const { vault } = encryption.ports;
  return { cipher, keys, vault, other, ports, now, running, lines, log, erase };
}
type App = ReturnType<typeof open>;

/** Requested and finished. */
async function erased(app: App): Promise<Awaited<ReturnType<App['erase']>>> {
  await app.erase();
  app.now.ms += 2 * CACHE_MS;
  return app.erase();
}

describe('an erasure', () => {
  test('waits until no instance can hold the key, and leaves a proof', async () => {
    const app = open();
    const sealed = await app.cipher.seal(place, 'x');
    const keyId = sealed.split('.')[1];
    expect(await app.erase()).toMatchObject({ status: 'erasing', waitsUntil: '2026-01-01T00:00:02.000Z' });
    // Another instance that has read the ring before encrypts with the old key until its time is over.
    expect(await app.other.cipher.open(place, sealed)).toEqual({ kind: 'opened', value: 'x' });
    app.now.ms += 2 * CACHE_MS;
    const proof = await app.erase();
    expect(proof).toEqual({
      ...{ customerId: 'cust-1', status: 'erased', waitsUntil: null, waitsForOrders: [] },
      erasures: [
        {
          keyIds: [keyId],
          requestedAt: '2026-01-01T00:00:00.000Z',
          requestedBy: 'customer',
          erasedAt: '2026-01-01T00:00:02.000Z',
        },
      ],
      invoicesKeptUntil: '2036-03-01',
    });
    expect(app.lines).toEqual(['personal data erased']);
    for (const { cipher } of [app, app.other])
      expect(await cipher.open(place, sealed)).toEqual({ kind: 'erased' });
    app.now.ms += 1_000_000;
    expect(await app.erase()).toEqual(proof);
  });

  test('waits for orders that run, and is finished by the timer when they have ended', async () => {
    const app = open();
    const sealed = await app.cipher.seal(place, 'x');
    app.running.push('order-1');
    await app.erase();
    app.now.ms += 2 * CACHE_MS;
    expect(await app.erase()).toMatchObject({
      status: 'erasing',
      waitsUntil: null,
      waitsForOrders: ['order-1'],
    });
    expect(await finishErasures(app.ports, app.log)).toEqual({ finished: 0 });
    expect(await app.cipher.open(place, sealed)).toEqual({ kind: 'opened', value: 'x' });
    app.running.length = 0;
    expect(await finishErasures(app.ports, app.log)).toEqual({ finished: 1 });
    expect(await app.cipher.open(place, sealed)).toEqual({ kind: 'erased' });
    expect(await finishErasures(app.ports, app.log)).toEqual({ finished: 0 });
  });

  test('lets what comes from the request on have a key of its own, which stays', async () => {
    const app = open();
    const old = await app.cipher.seal(place, 'old');
    await app.erase();
    const fresh = await app.cipher.seal(place, 'new');
    app.now.ms += 2 * CACHE_MS;
    await finishErasures(app.ports, app.log);
    expect(await app.cipher.open(place, old)).toEqual({ kind: 'erased' });
    expect(await app.cipher.open(place, fresh)).toEqual({ kind: 'opened', value: 'new' });
    await erased(app);
    expect(await app.cipher.open(place, fresh)).toEqual({ kind: 'erased' });
  });

  test('of a customer of whom nothing is held says so', async () => {
    expect(await open().erase()).toMatchObject({ status: 'nothingHeld', erasures: [] });
  });

  test('takes the hash of a body with it: the same key is then answered with the order that is there', async () => {
    const app = open();
    const { text } = await app.cipher.hash(CUSTOMER, 'body');
    await erased(app);
    expect((await app.cipher.hash(CUSTOMER, 'another')).matches(text)).toBe(true);
  });

  test('is applied again to a restored backup, whose newer keys stay (erasure.E3)', async () => {
    const app = open();
    const sealed = await app.cipher.seal(place, 'x');
    const backup = (await app.ports.rings.read(CUSTOMER))?.ring;
    await erased(app);
    const list = await listErasures(app.ports, TENANT);
    expect(list).toEqual([expect.objectContaining({ customerId: 'cust-1', requestedBy: 'customer' })]);

    const rings = createMemoryKeyRings();
    const tenant = (await app.ports.rings.read(TENANT))?.ring;
    if (backup === undefined || tenant === undefined) throw new Error('there is no backup');
    await rings.write(TENANT, tenant, undefined);
    await rings.write(CUSTOMER, backup, undefined);
    const restored = open(rings);
    const keys = openEncryption({ vault: app.vault, rings });
    expect(await keys.cipher.open(place, sealed)).toEqual({ kind: 'opened', value: 'x' });
    expect(await applyErasures(restored.ports, TENANT, list, restored.log)).toEqual({ applied: 1 });
    expect(await applyErasures(restored.ports, TENANT, list, restored.log)).toEqual({ applied: 0 });
    keys.keys.forget(CUSTOMER);
    expect(await keys.cipher.open(place, sealed)).toEqual({ kind: 'erased' });
    expect(await listErasures(restored.ports, TENANT)).toEqual(list);
  });
});
