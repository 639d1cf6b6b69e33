// Quotas of tenants at the door of one instance.
import fc from 'fast-check';
import { createQuotas, type Entry } from '../../../src/identity/quotas';
import type { Tenant } from '../../../src/identity/tenants';

function open(...tenants: Tenant[]) {
  const clock = { ms: 1_000_000, nowMs: () => clock.ms };
  return { clock, quotas: createQuotas(tenants, clock) };
}
const leave = (entry: Entry): void => {
  if (entry.kind === 'admitted') entry.leave();
};

test('a tenant may ask so many times at once, and again after the time that the refusal says', () => {
  const { clock, quotas } = open({ id: 'acme', ratePerSecond: 2 });
  expect([1, 2].map(() => quotas.enter('acme').kind)).toEqual(['admitted', 'admitted']);
  const refused = quotas.enter('acme');
  expect(refused).toMatchObject({ kind: 'refused', retryAfterMs: 500 });
  clock.ms += 499;
  expect(quotas.enter('acme').kind).toBe('refused');
  clock.ms += 1;
  expect(quotas.enter('acme').kind).toBe('admitted');
});

test('a rate below one a second lets one request in, and the next when it is due', () => {
  const { clock, quotas } = open({ id: 'acme', ratePerSecond: 0.1 });
  expect(quotas.enter('acme').kind).toBe('admitted');
  expect(quotas.enter('acme')).toMatchObject({ retryAfterMs: 10_000 });
  clock.ms += 10_000;
  expect(quotas.enter('acme').kind).toBe('admitted');
});

test('what is in flight counts until it leaves, once', () => {
  const { quotas } = open({ id: 'acme', inFlight: 2 });
  const first = quotas.enter('acme');
  quotas.enter('acme');
  expect(quotas.enter('acme').kind).toBe('refused');
  leave(first);
  leave(first);
  expect([1, 2].map(() => quotas.enter('acme').kind)).toEqual(['admitted', 'refused']);
});

test('one tenant over its quota takes nothing from another, and one without a quota is never refused', () => {
  const { quotas } = open({ id: 'acme', ratePerSecond: 1, inFlight: 1 }, { id: 'globex' });
  for (let at = 0; at < 100; at += 1) quotas.enter('acme');
  for (let at = 0; at < 1_000; at += 1) expect(quotas.enter('globex').kind).toBe('admitted');
});

test('over any stretch of time at most the rate and one second of it are admitted, also when the clock is put back', () => {
  const steps = fc.array(fc.integer({ min: -2_000, max: 3_000 }), { maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), steps, (ratePerSecond, given) => {
      const { clock, quotas } = open({ id: 'acme', ratePerSecond });
      let forwardMs = 0;
      let admitted = 0;
      for (const step of given) {
        clock.ms += step;
        forwardMs += Math.max(0, step);
        if (quotas.enter('acme').kind === 'admitted') admitted += 1;
      }
      expect(admitted).toBeLessThanOrEqual(ratePerSecond + (forwardMs / 1_000) * ratePerSecond + 1e-6);
    }),
  );
});
