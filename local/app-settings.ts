// App settings that point the order saga at the platform on this machine.
import { emulatorBusConnection, emulatorCosmosConnection } from 'azure-local/kit/emulator-connections';
import type { PlatformUrls } from 'azure-local/supervisor/processes';
import type { Settings } from 'azure-local/supervisor/settings';

/** What the app is pointed at. */
export type LookAlikeUrls = Omit<PlatformUrls, 'telemetry'> & Partial<Pick<PlatformUrls, 'telemetry'>>;

/**
 * Settings that point the app at the platform process; without a token the operator routes stay closed, and without a receiver
 * traces go nowhere.
 */
export function lookAlikeSettings(
  { cosmos, services, servicebus, telemetry }: LookAlikeUrls,
  operatorToken?: string,
): Settings {
  return {
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    OrderProcessing__CosmosConnectionString: emulatorCosmosConnection(cosmos),
    OrderProcessing__CreateCosmosContainers: 'true',
    ServiceBusConnection: emulatorBusConnection(servicebus),
    InventoryService__BaseUrl: `${services}/inventory`,
    PromotionService__BaseUrl: `${services}/promotions`,
    PaymentService__BaseUrl: `${services}/payments`,
    ShippingService__BaseUrl: `${services}/shipping`,
    NotificationService__BaseUrl: `${services}/notifications`,
    ...(telemetry === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: telemetry }),
    // High enough to stand in nobody's way, and reached with one curl (docs/approval.md).
    OrderProcessing__ApprovalLimit: 'USD=100000,EUR=100000',
    ...(operatorToken === undefined ? {} : { OrderProcessing__OperatorToken: operatorToken }),
  };
}

/** The function host of `npm start` signs in whoever brings a token of `npm run token`; whoever brings none is a service. */
export const SIGN_IN_SETTINGS: Settings = {
  WEBSITE_AUTH_ENABLED: 'True',
  OrderProcessing__SignIn: 'optional',
};
