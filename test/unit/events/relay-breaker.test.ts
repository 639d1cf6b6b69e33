import { createAcceptedIds } from '../../../src/adapters/accepted-ids';
import { createSendBreaker, type Guard } from '../../../src/adapters/send-breaker';

const away = new Error('away');
const fails = () => Promise.reject(away);
const works = () => Promise.resolve('sent');

/** A guard that has seen `failures` in a row. */
async function guardAfter(failures: number): Promise<Guard> {
  const guard = createSendBreaker('Service Bus order-events', { breakerOpenMs: 60_000 });
  for (let count = 0; count < failures; count += 1) await expect(guard(fails)).rejects.toBe(away);
  return guard;
}

describe('the breaker before a target', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  test('lets everything through while fewer than five sends in a row have failed', async () => {
    const guard = await guardAfter(4);
    expect(await guard(works)).toBe('sent');
    for (let count = 0; count < 4; count += 1) await expect(guard(fails)).rejects.toBe(away);
  });

  test('opens at the fifth: a send fails at once as an outage, without being tried', async () => {
    const guard = await guardAfter(5);
    const send = jest.fn(works);
    await expect(guard(send)).rejects.toMatchObject({
      name: 'TransientError',
      code: 'BREAKER_OPEN',
      message: 'Service Bus order-events: sends are held back after repeated failures',
      details: { outage: true },
    });
    expect(send).not.toHaveBeenCalled();
  });

  test('lets one send try after its time, and closes when that works', async () => {
    const guard = await guardAfter(5);
    jest.advanceTimersByTime(60_000);
    expect(await guard(works)).toBe('sent');
    expect(await guard(works)).toBe('sent');
  });

  test('opens again at once when the trial fails', async () => {
    const guard = await guardAfter(5);
    jest.advanceTimersByTime(60_000);
    await expect(guard(fails)).rejects.toBe(away);
    await expect(guard(works)).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
  });
});

test('of what a target has accepted the oldest is forgotten first', () => {
  const accepted = createAcceptedIds(2);
  accepted.add(['a', 'b']);
  accepted.add(['c']);
  expect(['a', 'b', 'c'].map((id) => accepted.has(id))).toEqual([false, true, true]);
});
