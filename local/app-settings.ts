// App settings that point the order saga at the platform on this machine.
import { emulatorBusConnection, emulatorCosmosConnection } from 'azure-local/kit/emulator-connections';
import type { PlatformUrls } from 'azure-local/supervisor/processes';
import type { Settings } from 'azure-local/supervisor/settings';

/** Settings that point the app at the platform process; without a token the operator routes stay closed. */
export function lookAlikeSettings(
  { cosmos, services, servicebus }: PlatformUrls,
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
    ...(operatorToken === undefined ? {} : { OrderProcessing__OperatorToken: operatorToken }),
  };
}
