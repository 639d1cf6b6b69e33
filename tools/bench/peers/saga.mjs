// Saga of the peers' orders: the steps one after the other, and back where a service refuses. `run` is the engine's
// durable step; each step is one call and one transaction, and both may be repeated: the call has a key of its own, and
// the transaction holds only from the version that the step began with.
import { changed, STEPS } from './order.mjs';

/** Gives `completed` or the code of the refusal. */
export async function fulfil(order, run, { call, append }) {
  const completedSteps = [];
  let version = 1;
  for (const step of STEPS) {
    const from = version;
    const before = [...completedSteps];
    const outcome = await run(step.name, async () => {
      const answer = await call(order, step.name, step.path(order), step.body(order));
      if (answer.refused !== undefined) return answer;
      const now = new Date().toISOString();
      const events = step.events(answer, order);
      const saga = { completedSteps: [...before, step.name] };
      await append(order, changed(order, from, { ...step.fields?.(answer, now), saga }, events, now));
      return { events: events.length };
    });
    if (outcome.refused !== undefined) {
      await undo(order, run, { call, append }, { completedSteps, version, code: outcome.refused });
      return outcome.refused;
    }
    completedSteps.push(step.name);
    version += outcome.events;
  }
  return 'completed';
}

async function undo(order, run, { call, append }, { completedSteps, version, code }) {
  let from = version;
  const write = async (events, fields = {}) =>
    append(order, changed(order, from, fields, events, new Date().toISOString()));
  for (const step of STEPS.filter(({ name, undo }) => undo && completedSteps.includes(name)).reverse()) {
    await run(`Undo${step.name}`, async () => {
      await call(order, `Undo${step.name}`, step.undo.path(order), {});
      await write([[step.undo.event, {}]]);
    });
    from += 1;
  }
  await run('FailOrder', () => write([['OrderFailed', { code }]], { status: 'failed', failureCode: code }));
}
