// A session that is lost in the moment of its coming, without a broker: the SDK then throws where it is subscribed to.
import type { ServiceBusClient } from '@azure/service-bus';
import { ManualClock } from '../../src/kit/clock';
import { createHostLogger } from '../../src/kit/log';
import type { ServiceBusFunction } from '../../src/host/servicebus/service-bus-bindings';
import { readServiceBusOptions } from '../../src/host/servicebus/service-bus-options';
import { createHeldMessages } from '../../src/host/servicebus/held-messages';
import { createSessionIntake } from '../../src/host/servicebus/session-intake';
import { createSettlementGate } from '../../src/host/servicebus/settlement-gate';
import { until } from '../../src/kit/until';

test('the next session is asked for, and the host goes on', async () => {
  let asked = 0;
  const lost = {
    sessionId: 's',
    subscribe() {
      throw new Error('The session lock has expired on the session with id s');
    },
    close: () => Promise.resolve(),
  };
  const client = {
    acceptNextSession: () => {
      asked += 1;
      return asked === 1 ? Promise.resolve(lost) : new Promise(() => undefined);
    },
  };
  const target = {
    fn: { name: 'Sessions', trigger: {} },
    entity: { connectionString: '', path: 'sessions', subscription: undefined, label: 'queue sessions' },
    ...{ isBatch: false, hasSessions: true, isAutoComplete: true, dataType: 'text' },
  };
  const intake = createSessionIntake(
    target as ServiceBusFunction,
    { client: client as unknown as ServiceBusClient, gate: createSettlementGate() },
    readServiceBusOptions({ maxConcurrentSessions: 1 }, () => undefined),
    {
      invoke: () => Promise.reject(new Error('There is no message.')),
      held: createHeldMessages(),
      clock: new ManualClock(),
      log: createHostLogger({ levels: {}, isColoured: false, now: () => 0, sink: () => undefined }),
      maxLockRenewalMs: 0,
    },
  );
  await intake.start();
  await until('another session to be asked for', () => asked === 2);
  await intake.close();
});
