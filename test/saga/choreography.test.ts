// The order saga in the mode choreography beside the same saga as an orchestration: every scenario ends the same way.
import { cleanUp } from 'azure-local/testing/durable-harness';
import { openChoreography } from '../support/choreography';
import { openSaga, registerSaga } from '../support/saga-harness';
import { SCENARIOS } from '../support/saga-scenarios';

beforeAll(registerSaga);
afterEach(cleanUp);

/**
 * What differs, and why. A cancel is read from the stream and never signalled, so a refusal that comes in between is told as the
 * reason. And no step is called before the one before it is recorded, so the key of a step behind the next one needs no closing.
 */
const DIFFERENT: Readonly<Record<string, object>> = {
  'cancelled-when-payment-is-refused': {
    failureCode: 'PAYMENT_FAILED',
    failureDetailCode: 'CHARGE_REFUSED',
    failureReason: 'refused',
  },
  'cancelled-in-backoff': { called: { CancelShipment: undefined } },
};

/** An operator suspends an instance, of which choreography has none. */
const OF_INSTANCES = ['suspended-and-resumed', 'cancelled-while-suspended'];

describe('choreography', () => {
  test.each(Object.keys(SCENARIOS).filter((name) => !OF_INSTANCES.includes(name)))(
    'S17: %s: ends as an orchestration does, with the same events and effects',
    async (name) => {
      const { settings, arrange } = SCENARIOS[name] ?? {};
      const orchestrated = await openSaga(settings);
      const expected = await orchestrated.finish(
        (await arrange?.(orchestrated)) ?? (await orchestrated.place()),
      );
      const saga = openChoreography(settings);
      const found = await saga.finish((await arrange?.(saga)) ?? (await saga.place()));
      const { called, ...told } = { called: {}, ...DIFFERENT[name] };
      expect(found.effects).toEqual(expected.effects);
      expect(toldOf(found)).toEqual({ ...toldOf(expected), ...told });
      expect(found.called).toEqual({ ...expected.scheduled, ...called });
    },
  );
});

type Ended = Pick<Awaited<ReturnType<Awaited<ReturnType<typeof openSaga>>['finish']>>, 'order' | 'events'>;

/** What the stream tells, without what differs between any two orders. */
function toldOf({ order, events }: Ended): object {
  const { status, failureCode, failureDetailCode, failureReason, saga } = order;
  const { attempts, completedSteps, compensatedSteps, needsIntervention } = saga;
  return {
    ...{ status, failureCode, failureDetailCode, failureReason },
    ...{ attempts, completedSteps, compensatedSteps, needsIntervention },
    types: events.map(({ type }) => type),
  };
}
