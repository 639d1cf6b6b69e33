// ProcessOrder: an order on the queue becomes an order in the store; the message is settled by hand.
import { setTimeout as wait } from 'node:timers/promises';
import { app, type InvocationContext } from '@azure/functions';
import { deliveriesOf, type ServiceBusMessages } from '../adapters/service-bus-delivery';
import { findTenant, type Tenant } from '../identity/tenants';
import { takeOrderMessage } from '../commands/order-message';
import { invocationLog } from '../telemetry/invocation-log';
import type { TenantScope } from '../domain/scope';
import type { OpenSpan } from '../telemetry/traces/active-span';
import type { Arrival, Ending, Tracing } from '../telemetry/traces/tracing';
import type { InboundMessage, Settlement } from '../ports/inbound-message';
import type { IntakeGate } from '../ports/intake';
import type { Postpone } from '../adapters/service-bus-postponing';
import type { FieldError } from '../validation';
import { POSTPONED_MS } from './intake.http';
import type { AppPorts } from './app-ports';
import { taskHubInput } from './task-hub.durable';

export interface OrdersQueue {
  readonly connection: string;
  readonly queueName: string;
  /** What the queue has: the function cannot ask for it. */
  readonly maxDeliveryCount: number;
  readonly tenants: readonly Tenant[];
  /** Whether orders are taken, and how a message is put off while they are not. */
  readonly intake: IntakeGate;
  readonly postpone: Postpone;
}

export function registerOrderQueue(
  ports: AppPorts & { readonly tracing: Tracing },
  { connection, queueName, maxDeliveryCount, tenants, intake, postpone }: OrdersQueue,
): void {
  const { tracing } = ports;
  app.serviceBusQueue<ServiceBusMessages>('ProcessOrder', {
    connection,
    queueName,
    cardinality: 'one',
    sdkBinding: true,
    autoCompleteMessages: false,
    extraInputs: [taskHubInput()],
    handler: async (received, context) => {
      const log = invocationLog(context);
      const placing = { ...ports, sagas: ports.sagas(context), log };
      for (const { message, received: original, settle } of deliveriesOf(received, context.triggerMetadata)) {
        const scope = scopeOf(message, tenants);
        if (!('path' in scope) && (await intake.isPaused(scope))) {
          await postpone(original, ports.clock.nowMs() + POSTPONED_MS);
          await settle({ kind: 'complete' });
          continue;
        }
        const take = (span?: OpenSpan) =>
          takeOrderMessage({ ...placing, span }, scope, message, maxDeliveryCount);
        const settlement = await (tracing.isOn
          ? tracing.arrival(arrivalOf(message, context), take, endingOf)
          : take());
        if (settlement.kind === 'deadLetter') {
          const { reason, description } = settlement;
          log.error('message dead-lettered', { messageId: message.messageId, reason, description });
        }
        // Inside the lock: given back at once it would come back at once, and an outage of seconds would use up every delivery.
        if (settlement.kind === 'abandon') await wait(settlement.waitMs);
        await settle(settlement);
      }
    },
  });
}

function arrivalOf(message: InboundMessage, context: InvocationContext): Arrival {
  return {
    name: 'ProcessOrder',
    kind: 'consumer',
    traceparent: message.traceparent,
    platformTraceparent: context.traceContext?.traceParent,
    attributes: { 'messaging.message.id': message.messageId, attempt: message.deliveryCount },
  };
}

function endingOf(settlement: Settlement): Ending {
  return {
    attributes: { outcome: settlement.kind },
    error: settlement.kind === 'complete' ? undefined : settlement.kind,
  };
}

/** Whose order a message is: that of the tenant which it names, or what is wrong with the name. */
function scopeOf({ tenantId }: InboundMessage, tenants: readonly Tenant[]): TenantScope | FieldError {
  const tenant = findTenant(tenants, tenantId);
  return tenant.kind === 'found'
    ? { tenantId: tenant.tenantId }
    : { path: 'applicationProperties.tenantId', message: tenant.why };
}
