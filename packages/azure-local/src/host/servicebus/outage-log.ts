// Log of connection outages: one message when an entity cannot be reached, and one when it can again.
import type { HostLogger } from '../../kit/log';
import { CATEGORY } from './function-runner';
import type { ServiceBusFunction } from './service-bus-bindings';

export interface OutageLog {
  failed(error: unknown): void;
  reached(): void;
}

export function createOutageLog({ fn, entity }: ServiceBusFunction, log: HostLogger): OutageLog {
  let isAway = false;
  return {
    failed(error) {
      if (isAway) return;
      isAway = true;
      const { code = 'error', message } = error as { readonly code?: string; readonly message?: string };
      const remedy =
        code === 'MessagingEntityNotFound'
          ? 'Create it on the broker, or correct the name in the function.'
          : `See that the broker of the setting "${String(fn.trigger['connection'])}" runs and can be reached.`;
      log.write(
        'warning',
        CATEGORY,
        `Function ${fn.name} does not receive from ${entity.label} (${code}: ${String(message)}). ` +
          `${remedy} The host tries again until it can.`,
      );
    },
    reached() {
      if (!isAway) return;
      isAway = false;
      log.write('information', CATEGORY, `Function ${fn.name} receives from ${entity.label} again.`);
    },
  };
}
