import { SETTINGS } from '../../../src/config';
import { ConfigError, parseConfig } from '../../../src/parse-config';
import { triggerConnections } from '../../../src/trigger-connections';

const valid = {
  OrderProcessing__CosmosConnectionString: 'AccountEndpoint=http://127.0.0.1:8081/;AccountKey=a2V5;',
  InventoryService__BaseUrl: 'http://127.0.0.1:7072/inventory/',
  PromotionService__BaseUrl: 'http://127.0.0.1:7072/promotions',
  OrderProcessing__EncryptionKey: '.local/app.key',
  PaymentService__BaseUrl: 'http://127.0.0.1:7072/payments',
  'ShippingService:BaseUrl': 'http://127.0.0.1:7072/shipping',
  'NotificationService:BaseUrl': 'http://127.0.0.1:7072/notifications',
  ServiceBusConnection: 'Endpoint=sb://127.0.0.1;SharedAccessKeyName=k;SharedAccessKey=a2V5;',
};

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    parseConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the configuration', () => {
  test('has the documented defaults, and takes : and __ alike', () => {
    const config = parseConfig(valid);
    expect(config).toMatchObject({
      cosmosDatabase: 'orders-db',
      cosmosContainer: 'orders',
      createContainers: false,
      sagaTimeoutMinutes: 5,
      compensationMaxAttempts: 1,
      outagePolicy: 'wait',
      ordersQueue: 'orders',
      orderFailuresQueue: 'order-failures',
      maxDeliveryCount: 3,
      relayBatchSize: 100,
      inventoryBaseUrl: 'http://127.0.0.1:7072/inventory',
      shippingBaseUrl: 'http://127.0.0.1:7072/shipping',
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('takes true and false in any case: Azure says `True` where it signs users in', () => {
    expect(parseConfig({ ...valid, WEBSITE_AUTH_ENABLED: 'True' }).platformSignsIn).toBe(true);
    expect(parseConfig({ ...valid, WEBSITE_AUTH_ENABLED: 'FALSE' }).platformSignsIn).toBe(false);
    expect(problemsOf({ ...valid, WEBSITE_AUTH_ENABLED: 'yes' })).toHaveLength(1);
  });

  test('takes only a page on the web that names the trace as the link to traces', () => {
    const withLink = (link: string) => ({ ...valid, 'OrderProcessing:TraceLink': link });
    expect(parseConfig(withLink('https://traces/{traceId}')).traceLink).toBe('https://traces/{traceId}');
    for (const link of ['https://traces/', 'javascript:{traceId}', '{traceId}'])
      expect(problemsOf(withLink(link))).toEqual([
        `OrderProcessing:TraceLink is "${link}" and must be an http(s) URL with {traceId} in it`,
      ]);
  });

  test('names every setting that is missing or wrong, all at once', () => {
    const problems = problemsOf({
      OrderProcessing__SagaTimeoutMinutes: 'soon',
      OrderProcessing__DownstreamOutagePolicy: 'panic',
      PaymentService__BaseUrl: 'payments',
    });
    const named = [
      'OrderProcessing:SagaTimeoutMinutes',
      'OrderProcessing:DownstreamOutagePolicy',
      'InventoryService:BaseUrl',
      'PromotionService:BaseUrl',
      'PaymentService:BaseUrl',
      'ShippingService:BaseUrl',
      'NotificationService:BaseUrl',
      'OrderProcessing:CosmosConnectionString',
      'ServiceBusConnection',
      'OrderProcessing:EncryptionKey',
    ];
    for (const name of named) expect(problems.some((problem) => problem.startsWith(name))).toBe(true);
    expect(problems).toHaveLength(named.length);
  });

  test.each([
    ['https://vault.vault.azure.net/keys/personal-data', true],
    ['.local/app.key', true],
    ['C:\\data\\app.key', true],
    ['https://vault.vault.azure.net/keys/personal-data/0123abcd', false],
    ['https://vault.vault.azure.net/secrets/token', false],
    ['http://vault/keys/k', false],
    ['', false],
  ])('the encryption key %j is taken: %s', (key, isTaken) => {
    expect(problemsOf({ ...valid, OrderProcessing__EncryptionKey: key })).toHaveLength(isTaken ? 0 : 1);
  });

  test('without a connection string the account endpoint means managed identity', () => {
    const identity = { ...valid, OrderProcessing__CosmosConnectionString: '' };
    expect(problemsOf(identity)).toHaveLength(1);
    const config = parseConfig({ ...identity, CosmosConnection__accountEndpoint: 'https://db.example/' });
    expect(config.cosmosEndpoint).toBe('https://db.example');
  });

  test('without a connection string the namespace means managed identity', () => {
    const identity = { ...valid, ServiceBusConnection: '' };
    expect(problemsOf(identity)).toHaveLength(1);
    const namespace = 'shop.servicebus.windows.net';
    const config = parseConfig({ ...identity, ServiceBusConnection__fullyQualifiedNamespace: namespace });
    expect(config).toMatchObject({ serviceBusConnectionString: '', serviceBusNamespace: namespace });
  });

  test('another ServiceBusConnectionName is where the connection is looked for', () => {
    const { ServiceBusConnection, ...rest } = valid;
    const named = { ...rest, OrderProcessing__ServiceBusConnectionName: 'Shop' };
    expect(problemsOf({ ...named, ServiceBusConnection })).toEqual([
      expect.stringMatching(/^Shop and Shop:/),
    ]);
    expect(parseConfig({ ...named, Shop: ServiceBusConnection })).toMatchObject({
      serviceBusConnectionString: ServiceBusConnection,
    });
    const byIdentity = parseConfig({ ...named, Shop__fullyQualifiedNamespace: 'shop.example' });
    expect(byIdentity.serviceBusNamespace).toBe('shop.example');
  });

  test('triggers connect by the name of a connection string, or by the group of identity settings', () => {
    expect(triggerConnections(parseConfig(valid))).toEqual({
      cosmos: 'OrderProcessing:CosmosConnectionString',
      serviceBus: 'ServiceBusConnection',
    });
    const identity = {
      ...valid,
      OrderProcessing__CosmosConnectionString: '',
      CosmosConnection__accountEndpoint: 'https://db.example/',
      OrderProcessing__ServiceBusConnectionName: 'Shop',
      Shop__fullyQualifiedNamespace: 'shop.example',
    };
    expect(triggerConnections(parseConfig(identity))).toEqual({
      cosmos: 'CosmosConnection',
      serviceBus: 'Shop',
    });
  });

  test.each(['0.05', '0.5', '60'])('a saga timeout of %s minutes is taken', (minutes) => {
    expect(parseConfig({ ...valid, OrderProcessing__SagaTimeoutMinutes: minutes }).sagaTimeoutMinutes).toBe(
      Number(minutes),
    );
  });

  test.each(['0', '-1', '1e9', 'NaN'])('a saga timeout of %s minutes is refused', (minutes) => {
    expect(problemsOf({ ...valid, OrderProcessing__SagaTimeoutMinutes: minutes })).toHaveLength(1);
  });

  test('every setting has a name of its own', () => {
    const names = Object.values(SETTINGS).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('schedules of timers', () => {
  test('are settings, of six fields or five', () => {
    const config = parseConfig({ ...valid, OrderProcessing__ReconcileSchedule: '0 * * * * *' });
    expect(config.reconcileSchedule).toBe('0 * * * * *');
    expect(parseConfig(valid).reconcileSchedule).toBe('*/5 * * * * *');
    expect(problemsOf({ ...valid, OrderProcessing__PurgeSchedule: 'hourly' })).toEqual([
      'OrderProcessing:PurgeSchedule is "hourly" and must be a schedule of six fields, such as "0 * * * * *" for once a minute',
    ]);
  });
});

describe('a secret that Azure could not read', () => {
  const reference = '@Microsoft.KeyVault(SecretUri=https://kv.example/secrets/operator-token)';

  test('opens nothing: its reference stands in the template, and would be a token that everybody knows', () => {
    expect(parseConfig({ ...valid, OrderProcessing__OperatorToken: reference }).operatorToken).toBe('');
    expect(parseConfig({ ...valid, OrderProcessing__OperatorToken: 'a-token' }).operatorToken).toBe(
      'a-token',
    );
  });
});
