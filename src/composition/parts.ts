// Parts of the app that its compositions share: made once in main.ts.
import type { OrdersDatabase } from '../adapters/cosmos-client';
import type { createBatchSender } from '../adapters/service-bus-sender';
import type { createServiceBusClient } from '../adapters/service-bus-client';
import type { Config } from '../config';
import type { triggerConnections } from '../trigger-connections';
import type { RegisterRoute } from '../functions/register-routes';
import type { Clock } from '../ports/clock';
import type { Encryption } from './encryption';
import type { Telemetry } from './start-telemetry';
import type { OrderStore } from '../ports/order-store';
import type { ParkedDocuments, Parking } from '../ports/parking';
import type { Metrics } from '../telemetry/metrics';
import type { Tracing } from '../telemetry/traces/tracing';

export interface Parts {
  readonly config: Config;
  readonly connections: ReturnType<typeof triggerConnections>;
  readonly clock: Clock;
  readonly encryption: Encryption;
  readonly database: OrdersDatabase;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly startMetrics: Telemetry['startMetrics'];
  readonly orders: OrderStore;
  readonly parking: Parking & ParkedDocuments;
  readonly bus: ReturnType<typeof createServiceBusClient>;
  /** The sender to a queue or topic. */
  readonly sendTo: (entity: string) => ReturnType<typeof createBatchSender>;
  readonly registerRoute: RegisterRoute;
}
