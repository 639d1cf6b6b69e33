import { PAGE_SIZE, gatherMs } from '../../../src/projections/feed-pace';

describe('the read models', () => {
  test('read on at once after a full page: more is waiting', () => {
    expect([gatherMs(PAGE_SIZE), gatherMs(PAGE_SIZE + 1)]).toEqual([0, 0]);
  });

  test('let more of an order gather for one write when orders come by the dozen than when they trickle', () => {
    expect(gatherMs(1)).toBeGreaterThan(0);
    expect(gatherMs(PAGE_SIZE - 1)).toBeGreaterThan(gatherMs(1));
  });
});
