// App settings that point the order saga at the platform on this machine.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { emulatorBusConnection, emulatorCosmosConnection } from 'azure-local/kit/emulator-connections';
import { APP_KEY_FILE } from 'azure-local/supervisor/data-folder';
import type { PlatformUrls } from 'azure-local/supervisor/processes';
import type { Settings } from 'azure-local/supervisor/settings';

/** What `npm run emulators` keeps, unless told otherwise. */
export const EMULATORS_DATA = '.emulators';

/** How soon events follow the orders. Looking costs nothing here, and what is looked for often comes in small pages. */
export const RELAY_POLL_SECONDS = 0.25;

/** What the app is pointed at. */
export type LookAlikeUrls = Omit<PlatformUrls, 'telemetry'> & Partial<Pick<PlatformUrls, 'telemetry'>>;

/**
 * Settings that point the app at the platform process; without a token the operator routes stay closed, and without a receiver
 * traces go nowhere.
 */
export function lookAlikeSettings(
  { cosmos, services, servicebus, telemetry }: LookAlikeUrls,
  operatorToken?: string,
  dataDir = EMULATORS_DATA,
): Settings {
  return {
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    OrderProcessing__RelayPollSeconds: String(RELAY_POLL_SECONDS),
    OrderProcessing__CosmosConnectionString: emulatorCosmosConnection(cosmos),
    OrderProcessing__CreateCosmosContainers: 'true',
    ServiceBusConnection: emulatorBusConnection(servicebus),
    InventoryService__BaseUrl: `${services}/inventory`,
    PromotionService__BaseUrl: `${services}/promotions`,
    PaymentService__BaseUrl: `${services}/payments`,
    ShippingService__BaseUrl: `${services}/shipping`,
    NotificationService__BaseUrl: `${services}/notifications`,
    // Made by the app when it needs one: it goes with the data that it unlocks.
    OrderProcessing__EncryptionKey: `${dataDir}/${APP_KEY_FILE}`,
    OrderProcessing__SimulatorsUrl: services,
    ...(telemetry === undefined
      ? {}
      : { OTEL_EXPORTER_OTLP_ENDPOINT: telemetry, OrderProcessing__TraceQueryUrl: telemetry }),
    // High enough to stand in nobody's way, and reached with one curl (docs/approval.md).
    OrderProcessing__ApprovalLimit: 'USD=100000,EUR=100000',
    ...(operatorToken === undefined ? {} : { OrderProcessing__OperatorToken: operatorToken }),
  };
}

/** What leaves the order store goes to a folder beside what the look-alikes keep. */
export function exportSettings(dataDir: string): Settings {
  return { OrderProcessing__ExportUrl: pathToFileURL(path.resolve(dataDir, 'exports')).href };
}

/** The function host of `npm start` signs in whoever brings a token of `npm run token`; whoever brings none is a service. */
export const SIGN_IN_SETTINGS: Settings = {
  WEBSITE_AUTH_ENABLED: 'True',
  OrderProcessing__SignIn: 'optional',
};
