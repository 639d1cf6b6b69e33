// What the health check says of the parts, and how often it asks them.
import { createHealthCheck, type Health, type HealthPart } from '../../../src/operations/health';

type Answer = 'ok' | 'refuses' | 'hangs';

function openHealth(): {
  readonly answers: Record<HealthPart, Answer>;
  readonly asked: Record<HealthPart, number>;
  readonly check: () => Promise<Health>;
  readonly pass: (ms: number) => void;
} {
  let nowMs = 1_000_000;
  const answers: Record<HealthPart, Answer> = { store: 'ok', broker: 'ok', taskHub: 'ok' };
  const asked: Record<HealthPart, number> = { store: 0, broker: 0, taskHub: 0 };
  const check = createHealthCheck({ nowMs: () => nowMs }, 5);
  const probe = (part: HealthPart) => (): Promise<void> => {
    asked[part] += 1;
    if (answers[part] === 'hangs') return new Promise(() => undefined);
    return answers[part] === 'ok' ? Promise.resolve() : Promise.reject(new Error('refused'));
  };
  return {
    answers,
    asked,
    check: () => check({ store: probe('store'), broker: probe('broker'), taskHub: probe('taskHub') }),
    pass: (ms) => (nowMs += ms),
  };
}

describe('health', () => {
  test.each<[Partial<Record<HealthPart, Answer>>, Health['status']]>([
    [{}, 'ok'],
    [{ broker: 'refuses' }, 'degraded'],
    [{ taskHub: 'refuses' }, 'degraded'],
    [{ store: 'refuses' }, 'unavailable'],
    [{ store: 'refuses', broker: 'refuses', taskHub: 'refuses' }, 'unavailable'],
    [{ broker: 'hangs' }, 'degraded'],
    [{ store: 'hangs' }, 'unavailable'],
  ])('with %j is %s, and names the part', async (states, status) => {
    const health = openHealth();
    Object.assign(health.answers, states);
    const answer = await health.check();
    const away = Object.keys(states).map((part) => [part, 'unavailable'] as const);
    expect(answer).toEqual({
      status,
      checks: { store: 'ok', broker: 'ok', taskHub: 'ok', ...Object.fromEntries<string>(away) },
    });
  });

  test('asks each part once for all who ask within some seconds, and then again', async () => {
    const health = openHealth();
    await Promise.all([health.check(), health.check()]);
    health.pass(4_000);
    await health.check();
    expect(health.asked).toEqual({ store: 1, broker: 1, taskHub: 1 });
    health.pass(2_000);
    await health.check();
    expect(health.asked).toEqual({ store: 2, broker: 2, taskHub: 2 });
  });

  test('looks sooner again at a part that did not answer', async () => {
    const health = openHealth();
    health.answers.broker = 'refuses';
    await health.check();
    health.answers.broker = 'ok';
    health.pass(1_500);
    expect((await health.check()).status).toBe('ok');
    expect(health.asked).toEqual({ store: 1, broker: 2, taskHub: 1 });
  });

  test('keeps no answer from a time that the clock was set back before', async () => {
    const health = openHealth();
    await health.check();
    health.pass(-3_600_000);
    health.answers.store = 'refuses';
    expect((await health.check()).status).toBe('unavailable');
  });
});
