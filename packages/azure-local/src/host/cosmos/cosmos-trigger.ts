// Trigger `cosmosDBTrigger`: makes a listener of each function that follows a container.
import type { Clock } from '../../kit/clock';
import type { HostLogger } from '../../kit/log';
import type { Environment } from '../settings';
import type { TriggerKind } from '../trigger-kind';
import { ChangeFeedProcessor } from './change-feed-processor';
import { loadFeedSdk } from './feed-store';
import { readTriggerOptions } from './trigger-options';

export interface CosmosTriggerDependencies {
  /** The app settings: connections are named in them. */
  readonly environment: Environment;
  readonly clock: Clock;
  readonly log: HostLogger;
  /** Other hosts read the same feeds with the same leases; else every other owner of a lease is a host that has ended. */
  readonly isShared?: boolean;
}

/** The kind of `app.cosmosDB`. It has no `runNow`: there is no batch to run a function by hand with. */
export function cosmosTrigger(dependencies: CosmosTriggerDependencies): TriggerKind {
  const { environment, clock, log, isShared = false } = dependencies;
  return {
    type: 'cosmosDBTrigger',
    takesRetryPolicy: true,
    prepare() {
      const isConnected = Object.values(environment).some((value) => value?.startsWith('AccountEndpoint='));
      if (isConnected) loadFeedSdk().catch(() => undefined);
    },
    listen(functions, invoke) {
      const processors = functions.map(
        (fn) =>
          new ChangeFeedProcessor(fn, readTriggerOptions(fn, environment), { clock, log, invoke, isShared }),
      );
      return {
        async start() {
          await Promise.all(processors.map((processor) => processor.start()));
        },
        async close() {
          await Promise.all(processors.map((processor) => processor.close()));
        },
      };
    },
  };
}
