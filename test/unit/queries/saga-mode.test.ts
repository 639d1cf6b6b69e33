// How the saga of an order runs, as GET /api/orders/{id}/saga shows it: the order says it, and no setting.
import { toSagaView } from '../../../src/queries/order-view';
import { orderOf } from '../../support/orders';

test.each([
  [{}, 'orchestration'],
  [{ sagaMode: 'choreography' as const }, 'choreography'],
])('an order that began with %j shows the mode %s', (began, mode) => {
  expect(toSagaView(orderOf(began), undefined)).toMatchObject({ mode });
});
