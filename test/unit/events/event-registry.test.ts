// What the registry takes in, and what it refuses.
import { z } from 'zod';
import { currentVersion } from '../../../src/events/schemas';
import { HttpProblem } from '../../../src/functions/http';
import { schemasAnswer } from '../../../src/functions/schemas.http';
import { createEventRegistry, type EventRegistry } from '../../../src/events/registry';

const payload = z.object({ productId: z.string() });
const wider = payload.extend({ warehouse: z.string() });

function registryWith(version: number): EventRegistry {
  const registry = createEventRegistry(({ data }) => data);
  for (let next = 1; next <= version; next++)
    registry.register({ type: 'InventorySynced', version: next, data: payload, upcast: (data) => data });
  return registry;
}

describe('the schema registry', () => {
  test('knows what was registered, version by version', () => {
    const registry = registryWith(1);
    const upcast = (data: never): unknown => ({ ...(data as object), warehouse: 'main' });
    expect(registry.register({ type: 'InventorySynced', version: 2, data: wider, upcast })).toEqual({
      kind: 'registered',
    });
    expect(registry.versionsOf('InventorySynced')?.map(({ version }) => version)).toEqual([1, 2]);
    expect(registry.types()).toEqual(['InventorySynced']);
    expect(registry.versionsOf('Other')).toBeUndefined();
  });

  test('takes a compatible change in the place of the same version, and as a next one without an upcaster', () => {
    const optional = payload.extend({ warehouse: z.string().optional() });
    const registry = registryWith(1);
    expect(registry.register({ type: 'InventorySynced', version: 1, data: optional }).kind).toBe(
      'registered',
    );
    expect(registry.register({ type: 'InventorySynced', version: 2, data: optional }).kind).toBe(
      'registered',
    );
  });

  test.each([
    [1, 'leave version 1 as it is and register version 2 with an upcaster'],
    [2, 'give version 2 an upcaster from 1'],
  ])('refuses an incompatible version %i with the reason, and changes nothing', (version, remedy) => {
    const registry = registryWith(1);
    expect(registry.register({ type: 'InventorySynced', version, data: wider })).toEqual({
      kind: 'refused',
      reasons: [`InventorySynced ${version}: warehouse is new and required; ${remedy}`],
    });
    expect(registry.versionsOf('InventorySynced')).toHaveLength(1);
    expect(registry.versionsOf('InventorySynced')?.[0]?.data).toBe(payload);
  });

  test.each([0, 3, 1.5])('refuses version %d after version 1: there is no gap', (version) => {
    expect(registryWith(1).register({ type: 'InventorySynced', version, data: payload })).toEqual({
      kind: 'refused',
      reasons: [`InventorySynced has 1 versions: the next is 2, not ${version}`],
    });
  });
});

describe('GET /api/schemas/{type}', () => {
  test('lists all versions of a type, each as the JSON Schema of a whole event', () => {
    expect(schemasAnswer('OrderFailed').jsonBody).toMatchObject({
      type: 'OrderFailed',
      currentVersion: currentVersion('OrderFailed'),
      versions: [
        { version: 1, schema: wholeEvent('OrderFailed', 1, ['kind', 'code', 'detailCode', 'reason']) },
        {
          version: 2,
          schema: wholeEvent('OrderFailed', 2, ['kind', 'code', 'detailCode', 'reason', 'failedStep']),
        },
      ],
    });
  });

  test('knows the events of the inventory by their payload', () => {
    expect(schemasAnswer('StockUpdated').jsonBody).toMatchObject({
      versions: [{ schema: { required: ['productId', 'onHand', 'reserved'] } }],
    });
  });

  test.each(['Nothing', '', 'constructor'])('answers NOT_FOUND for "%s"', (type) => {
    expect(() => schemasAnswer(type)).toThrow(HttpProblem);
    expect(() => schemasAnswer(type)).toThrow(/no event type/);
  });
});

function wholeEvent(type: string, version: number, required: readonly string[]): object {
  return {
    required: expect.arrayContaining(['eventId', 'correlationId', 'causationId', 'occurredAt']) as unknown,
    properties: { type: { const: type }, schemaVersion: { const: version }, data: { required } },
  };
}
