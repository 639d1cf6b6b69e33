// Settings with which the app starts, and which are probably not meant so.
import { SETTINGS } from '../../../src/config';
import { parseConfig } from '../../../src/parse-config';
import { unknownSettings, unresolvedHosts, unresolvedSecrets } from '../../../src/setting-warnings';

const required = {
  OrderProcessing__CosmosConnectionString: 'AccountEndpoint=https://store.example:443/;AccountKey=secret;',
  InventoryService__BaseUrl: 'http://inventory.example/api',
  PromotionService__BaseUrl: 'http://127.0.0.1:7072/promotions',
  OrderProcessing__EncryptionKey: '.local/app.key',
  PaymentService__BaseUrl: 'http://127.0.0.1:7072/payments',
  ShippingService__BaseUrl: 'http://[::1]:7072/shipping',
  NotificationService__BaseUrl: 'http://notifications.example/',
  ServiceBusConnection: 'Endpoint=sb://bus.example/;SharedAccessKeyName=k;SharedAccessKey=secret',
};

describe('a setting that nothing reads', () => {
  test.each([
    ['OrderProcessing:OrderQueue', 'OrderProcessing:OrdersQueue'],
    ['OrderProcessing__OrderQueue', 'OrderProcessing:OrdersQueue'],
    ['OrderProcessing__OrderEventTopic', 'OrderProcessing:OrderEventsTopic'],
    ['OrderProcessing_RelayBatchSize', 'OrderProcessing:RelayBatchSize'],
    ['OrderProcessing.RelayBatchSize', 'OrderProcessing:RelayBatchSize'],
    ['orderprocessing__relaybatchsize', 'OrderProcessing:RelayBatchSize'],
    ['OrderProcesing__OrdersQueue', 'OrderProcessing:OrdersQueue'],
    ['PaymentService:Url', 'PaymentService:BaseUrl'],
  ])('%s is told with the nearest name, %s', (name, nearest) => {
    expect(unknownSettings({ ...required, [name]: 'secret' })).toEqual([
      `the setting ${name} has no effect, nothing reads it: is ${nearest} meant?`,
    ]);
  });

  test.each([
    ...Object.values(SETTINGS).map(({ name }) => name),
    ...Object.values(SETTINGS).map(({ name }) => name.replaceAll(':', '__')),
    // Read by the Functions host, or of something else.
    ...['CosmosConnection__credential', 'ServiceBusConnection__clientId', 'AzureWebJobsStorage'],
    ...['WEBSITE_INSTANCE_ID', 'PATH', 'npm_config_order', 'ORDER', 'Inventory__Db'],
  ])('is none with the name %s', (name) => {
    expect(unknownSettings({ [name]: 'x' })).toEqual([]);
  });

  test('is none where names have no case, and another case is read', () => {
    const windows = new Proxy<Record<string, string>>(
      { ORDERPROCESSING__ORDERSQUEUE: 'x' },
      { get: (target, name) => target[String(name).toUpperCase()] },
    );
    expect(unknownSettings(windows)).toEqual([]);
  });
});

test('each host that cannot be looked up is told with its setting, and no secret', async () => {
  const asked: string[] = [];
  const lines = await unresolvedHosts(parseConfig(required), (host) => {
    asked.push(host);
    const isKnown = ['127.0.0.1', '::1', 'notifications.example'].includes(host);
    return isKnown
      ? Promise.resolve()
      : Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
  });
  expect(asked).toHaveLength(7);
  expect(lines).toEqual(
    [
      ['InventoryService:BaseUrl', 'inventory.example'],
      ['OrderProcessing:CosmosConnectionString', 'store.example'],
      ['ServiceBusConnection', 'bus.example'],
    ].map(
      ([name, host]) => `the setting ${name} names the host ${host}, which cannot be looked up (ENOTFOUND)`,
    ),
  );
});

test('hosts by managed identity are looked up too', async () => {
  const identity = {
    ...{ ...required, OrderProcessing__CosmosConnectionString: '', ServiceBusConnection: '' },
    CosmosConnection__accountEndpoint: 'https://store.example/',
    ServiceBusConnection__fullyQualifiedNamespace: 'bus.example',
  };
  const asked: string[] = [];
  await unresolvedHosts(parseConfig(identity), (host) => Promise.resolve(asked.push(host)));
  expect(asked).toEqual(expect.arrayContaining(['store.example', 'bus.example']));
});

describe('a secret that Azure could not read', () => {
  test('is told by the name of its setting', () => {
    const reference = '@Microsoft.KeyVault(SecretUri=https://kv.example/secrets/operator-token)';
    expect(unresolvedSecrets({ ...required, OrderProcessing__OperatorToken: reference })).toEqual([
      expect.stringMatching(/^the setting OrderProcessing__OperatorToken is a reference .* counts as empty/),
    ]);
    expect(unresolvedSecrets({ ...required, OrderProcessing__OperatorToken: 'a-token' })).toEqual([]);
  });
});
