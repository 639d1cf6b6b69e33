// The course of a saga as it is drawn, from events of steps that the drawing has never heard of.
import fc from 'fast-check';
import { sagaCourse, timeScale } from '../../../src/console/saga-course';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const event = (type: string, second: number, data: object = {}) => ({ type, occurredAt: at(second), data });
const began = [event('OrderCreated', 0), event('SagaStarted', 0)];

describe('the lanes', () => {
  test('have each step from the event before it to its own', () => {
    const [lane] = sagaCourse(
      [...began, event('WidgetMade', 3, { step: 'MakeWidget', attempts: 2 })],
      null,
      0,
    );
    expect(lane).toMatchObject({ step: 'MakeWidget', bars: [{ kind: 'done', attempts: 2 }] });
    const [bar] = lane?.bars ?? [];
    expect((bar?.toMs ?? 0) - (bar?.fromMs ?? 0)).toBe(3_000);
  });

  test('have what undid a step, or could not, in the lane of the step', () => {
    const events = [
      ...began,
      event('WidgetMade', 1, { step: 'MakeWidget:2' }),
      event('WidgetUnmade', 2, { step: 'UnmakeWidget:2', undoes: 'MakeWidget:2' }),
      event('CompensationFailed', 3, { step: 'UnmakeWidget:2', undoes: 'MakeWidget:2', reason: 'stuck' }),
    ];
    const lanes = sagaCourse(events, null, 0);
    expect(lanes.map(({ step }) => step)).toEqual(['MakeWidget:2']);
    expect(lanes[0]?.bars.map(({ kind, error }) => [kind, error])).toEqual([
      ['done', null],
      ['undone', null],
      ['notUndone', 'stuck'],
    ]);
  });

  test('tell a refused step from a done one, with its last error', () => {
    const failed = event('WidgetFailed', 1, { step: 'MakeWidget', lastError: { message: 'no tin' } });
    expect(sagaCourse([...began, failed], null, 0)[0]?.bars[0]).toMatchObject({
      kind: 'failed',
      error: 'no tin',
    });
  });

  test('have the current step running until now, also where no event tells of it yet', () => {
    const [lane] = sagaCourse(began, 'MakeWidget', Date.parse(at(7)));
    expect(lane).toMatchObject({ step: 'MakeWidget', bars: [{ kind: 'running' }] });
  });
});

test('the scale keeps the order of moments and stays between 0 and 1', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000_000), { minLength: 2, maxLength: 20 }), (moments) => {
      const scale = timeScale(moments.map((fromMs) => ({ fromMs, toMs: fromMs + 5 })));
      const places = [...moments].sort((a, b) => a - b).map(scale);
      places.forEach((place, index) => {
        expect(place).toBeGreaterThanOrEqual(places[index - 1] ?? 0);
        expect(place).toBeLessThanOrEqual(1.000001);
      });
    }),
  );
});
