// Which deliveries a disposition is about, as the broker has rhea see it.
import { boundSession } from '../../src/servicebus/rhea-seam';

const MOST = 0xffffffff;

test.each([
  [
    [0, MOST],
    [5, 9],
  ],
  [
    [6, 7],
    [6, 7],
  ],
  [
    [8, undefined],
    [8, 8],
  ],
  [[0, 4], undefined],
  [[0, undefined], undefined],
  [[10, MOST], undefined],
])('with deliveries 5 to 9 unsettled, %j is about %j', (said, about) => {
  const seen: unknown[] = [];
  const deliveries = { get_head: () => ({ id: 5 }), get_tail: () => ({ id: 9 }) };
  const session = {
    outgoing: { deliveries },
    on_transfer: () => undefined,
    on_detach: () => undefined,
    on_disposition: ({ performative }: { performative: { first: number; last: number } }) =>
      seen.push([performative.first, performative.last]),
  };
  boundSession(session);
  const [first, last] = said;
  session.on_disposition({ performative: { role: true, first, last } as never });
  expect(seen).toEqual(about === undefined ? [] : [about]);
});
