import { relayPauseMs } from '../../../src/events/relay-pace';

const pace = { batchSize: 100, pollMs: 1_000 };

describe('a relay', () => {
  test('goes on at once after a full page: more is waiting', () => {
    expect(relayPauseMs(100, pace)).toBe(0);
  });

  test('lets changes gather after any other page, so that they are not many small ones', () => {
    expect(relayPauseMs(99, pace)).toBeGreaterThan(0);
    expect(relayPauseMs(1, pace)).toBe(relayPauseMs(99, pace));
  });

  test('never waits longer for changes than it would where nothing happens', () => {
    expect(relayPauseMs(1, pace)).toBeLessThan(pace.pollMs);
    expect(relayPauseMs(1, { ...pace, pollMs: 20 })).toBe(20);
  });
});
