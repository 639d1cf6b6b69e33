// What leaves is checked again after upcasting: here with an upcaster that is wrong.
import { toEnvelope } from '../../../src/events/envelope';
import { relayChanges } from '../../../src/events/relay';
import { AT, facts, orderAfter } from '../../support/orders';

jest.mock('../../../src/events/upcasters', () => ({
  UPCASTERS: { OrderFailed: [() => ({ kind: 'failed' })] },
}));

test('an event that its upcaster spoils is parked, not published', async () => {
  const { failedStep, ...data } = facts.failed.data;
  const current = toEnvelope(orderAfter(), facts.failed, 2, { actor: 'saga', occurredAt: AT, key: null });
  const stored = { kind: 'event', ...current, schemaVersion: 1, data };
  const published: unknown[] = [];
  const parked: string[] = [];
  await relayChanges(
    {
      source: 'RelayEvents',
      publisher: { publish: (events) => Promise.resolve((published.push(...events), [])) },
      parking: { park: (_source, _document, reason) => Promise.resolve(void parked.push(reason)) },
    },
    [stored],
  );
  expect(published).toEqual([]);
  expect(parked).toEqual([expect.stringMatching(/is not published: .*data\.failedStep/)]);
});
