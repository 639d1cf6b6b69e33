// Texts that the engine keeps: results as the JSON that the handler's answer is, and moments in the extension's form.
import fc from 'fast-check';
import { timestamp } from '../../src/durable/history-events';
import { JsonText, jsonText } from '../../src/durable/json-text';
import { createDurableInvoker } from '../../src/host/durable-functions';
import type { HostedFunction } from '../../src/host/hosted-function';

const hosted = (type: string): HostedFunction => ({
  name: type,
  metadata: { name: type, bindings: {} },
  trigger: { type },
  triggerName: 'input',
  clientInputs: [],
  isDisabled: false,
});

const invokerOf = (type: string, returned: string | null) =>
  createDurableInvoker(new Map([[type, hosted(type)]]), () => Promise.resolve({ returned }));

test('what an activity returned is kept as the text that it came as', async () => {
  const result = await invokerOf('activityTrigger', '{"a":[1,"é"]}').invoke('activityTrigger', undefined, {});
  expect(result).toEqual(new JsonText('{"a":[1,"é"]}'));
  expect(jsonText(result)).toBe('{"a":[1,"é"]}');
});

test('an activity that returned nothing has no result, and an orchestrator returns what it says', async () => {
  expect(await invokerOf('activityTrigger', null).invoke('activityTrigger', undefined, {})).toBeUndefined();
  const state = await invokerOf('orchestrationTrigger', '{"isDone":true}').invoke(
    'orchestrationTrigger',
    '{}',
    {},
  );
  expect(state).toEqual({ isDone: true });
});

test('property: a value kept as text is the same value, and the same text, as one that is read and written again', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(jsonText(new JsonText(text))).toBe(JSON.stringify(JSON.parse(text)));
      expect(JSON.stringify({ in: new JsonText(text) })).toBe(`{"in":${text}}`);
    }),
  );
});

test('property: a moment is the ISO text without the zeros that .NET trims', () => {
  expect(timestamp(Date.UTC(2026, 0, 10))).toBe('2026-01-10T00:00:00Z');
  expect(timestamp(Date.UTC(2026, 0, 10, 1, 2, 30, 120))).toBe('2026-01-10T01:02:30.12Z');
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      expect(timestamp(date.getTime())).toBe(date.toISOString().replace(/\.?0*Z$/, 'Z'));
    }),
  );
});
