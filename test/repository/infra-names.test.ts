// One name, one number in every place that says it: the compiled Bicep, the emulators' Config.json, the settings
// of the app.
import config from '../../local/servicebus/Config.json';
import { CONTAINERS, ORDERS } from '../../src/adapters/cosmos-containers';
import { SETTINGS } from '../../src/config';
import { parseConfig } from '../../src/parse-config';
import { triggerConnections } from '../../src/trigger-connections';
import { TIER } from 'azure-local/servicebus/limits';
import { describeCompiled, EVERYTHING, mainPlan, settingsOf, type Properties } from '../support/infra';

/** As it is deployed for the saga mode choreography, which has entities of its own. */
const bodies = (type: string): Properties[] =>
  mainPlan({ sagaMode: 'choreography' })
    .resources.filter((resource) => resource.type === type)
    .map(({ body }) => body);
const propertiesOf = (body: Properties): Properties => body['properties'] as Properties;
const nameOf = (body: Properties): string => String(body['name']).split('/').at(-1) ?? '';

type BicepFilter = { readonly label: string } | { readonly properties: Readonly<Record<string, string>> };
type ConfigFilter = { readonly Label: string } | { readonly Properties: Readonly<Record<string, string>> };
const filterOf = (filter: BicepFilter): unknown => ('label' in filter ? filter.label : filter.properties);
const filterInConfig = (filter: ConfigFilter): unknown =>
  'Label' in filter ? filter.Label : filter.Properties;
const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name.localeCompare(b.name);

describeCompiled('Service Bus in Azure and in the emulators', () => {
  const bus = 'Microsoft.ServiceBus/namespaces';
  const [emulated] = config.UserConfig.Namespaces;
  if (emulated === undefined) throw new Error('Config.json has no namespace');
  const [topic] = emulated.Topics;

  test('has the tier whose limits the look-alike has', () => {
    expect(bodies(bus).map(({ sku }) => sku)).toEqual([{ name: TIER, tier: TIER }]);
  });

  test('has the same queues, with the same locks and deliveries', () => {
    const inAzure = bodies(`${bus}/queues`).map((body) => {
      const { lockDuration, maxDeliveryCount, requiresDuplicateDetection, deadLetteringOnMessageExpiration } =
        propertiesOf(body);
      const name = nameOf(body);
      return {
        name,
        lockDuration,
        maxDeliveryCount,
        requiresDuplicateDetection,
        deadLetteringOnMessageExpiration,
        requiresSession: propertiesOf(body)['requiresSession'] ?? false,
      };
    });
    const inEmulators = emulated.Queues.map(({ Name: name, Properties: of }) => ({
      name,
      lockDuration: of.LockDuration,
      maxDeliveryCount: of.MaxDeliveryCount,
      requiresDuplicateDetection: of.RequiresDuplicateDetection,
      deadLetteringOnMessageExpiration: of.DeadLetteringOnMessageExpiration,
      requiresSession: of.RequiresSession,
    }));
    expect(inAzure.sort(byName)).toEqual(inEmulators.sort(byName));
  });

  test('has the same topic, and can have the same subscriptions, with the same sessions and filters', () => {
    const all = mainPlan(EVERYTHING).resources;
    const ofType = (type: string): Properties[] =>
      all.filter((resource) => resource.type === type).map(({ body }) => body);
    expect(emulated.Topics.map(({ Name }) => Name)).toEqual(ofType(`${bus}/topics`).map(nameOf));
    const filters = new Map(
      ofType(`${bus}/topics/subscriptions/rules`).map((body) => [
        String(body['name']).split('/').at(-2),
        filterOf(propertiesOf(body)['correlationFilter'] as BicepFilter),
      ]),
    );
    const inAzure = ofType(`${bus}/topics/subscriptions`).map((body) => ({
      name: nameOf(body),
      lockDuration: propertiesOf(body)['lockDuration'],
      maxDeliveryCount: propertiesOf(body)['maxDeliveryCount'],
      requiresSession: propertiesOf(body)['requiresSession'],
      filter: filters.get(nameOf(body)),
    }));
    const inEmulators = topic?.Subscriptions.map(({ Name: name, Properties: of, ...rest }) => ({
      name,
      lockDuration: of.LockDuration,
      maxDeliveryCount: of.MaxDeliveryCount,
      requiresSession: of.RequiresSession,
      filter:
        'Rules' in rest && rest.Rules[0] !== undefined
          ? filterInConfig(rest.Rules[0].Properties.CorrelationFilter)
          : undefined,
    }));
    expect(inAzure.sort(byName)).toEqual(inEmulators?.sort(byName));
  });

  test('remembers message ids for 10 minutes in Azure, for the 5 that the emulator allows at most', () => {
    const windows = [...bodies(`${bus}/queues`), ...bodies(`${bus}/topics`)].map(
      (body) => propertiesOf(body)['duplicateDetectionHistoryTimeWindow'],
    );
    expect(new Set(windows)).toEqual(new Set(['PT10M']));
    const emulatedWindows = [...emulated.Queues, ...emulated.Topics].map(
      ({ Properties: of }) => of.DuplicateDetectionHistoryTimeWindow,
    );
    expect(new Set(emulatedWindows)).toEqual(new Set(['PT5M']));
  });

  test('delivers an order as often as the app is told, which is its default', () => {
    const other = mainPlan(EVERYTHING);
    const queue = other.resources.find(
      ({ type, name }) => type === `${bus}/queues` && name.endsWith('/orders'),
    );
    expect(queue?.body).toMatchObject({ properties: { maxDeliveryCount: 7 } });
    expect(settingsOf(other)).toMatchObject({ OrderProcessing__MaxDeliveryCount: '7' });
    expect(settingsOf(mainPlan())['OrderProcessing__MaxDeliveryCount']).toBe(
      SETTINGS.maxDeliveryCount.defaultText,
    );
  });
});

describeCompiled('the settings of the function app', () => {
  const settings = settingsOf(mainPlan());
  /** As Azure would give them: addresses instead of what only Azure knows. */
  const given = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      // An address that only Azure knows, and whatever else it works out.
      value
        .replace(/^\[.*(?:ndpoints?|defaultDomain)\b.*\]$/, 'https://token.azure.example:443/')
        .replace(/^\[.*\]$/, 'x'),
    ]),
  );

  test('are settings of the app, or those of the host and of Application Insights', () => {
    const known = new Set([
      ...Object.values(SETTINGS).map(({ name }) => name.replaceAll(':', '__')),
      ...['AzureWebJobsStorage', 'ServiceBusConnection', 'CosmosConnection'].flatMap((name) => [
        `${name}__credential`,
        `${name}__clientId`,
      ]),
      ...['AzureWebJobsStorage__accountName', 'AZURE_CLIENT_ID'],
      ...['APPLICATIONINSIGHTS_CONNECTION_STRING', 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING'],
    ]);
    expect(Object.keys(settings).filter((name) => !known.has(name))).toEqual([]);
  });

  test('are all that the app needs to start, by identity and without a connection string', () => {
    const parsed = parseConfig(given);
    expect(parsed).toMatchObject({
      ...{ cosmosConnectionString: '', serviceBusConnectionString: '' },
      serviceBusNamespace: 'sb-token.servicebus.windows.net',
    });
    expect(triggerConnections(parsed)).toEqual({
      cosmos: 'CosmosConnection',
      serviceBus: 'ServiceBusConnection',
    });
  });

  test('link a trace to a query for its operation id, with which its portal page opens', () => {
    const link = new URL(settings['OrderProcessing__TraceLink'] ?? '');
    expect(link.host).toBe('portal.azure.com');
    expect(decodeURIComponent(link.hash)).toContain('operation_Id == "{traceId}"');
  });

  test('hold no secret: the connection string is the address of telemetry, the token a reference into the vault', () => {
    const suspects = Object.keys(settings).filter((name) =>
      /password|secret|token|sas|(?:account|access|shared)_?key|connection_?string/i.test(name),
    );
    expect(suspects.sort()).toEqual([
      'APPLICATIONINSIGHTS_CONNECTION_STRING',
      'OrderProcessing__OperatorToken',
    ]);
    expect(settings['OrderProcessing__OperatorToken']).toMatch(
      /^\[format\('@Microsoft\.KeyVault\(SecretUri=\{0\}secrets\/\{1\}\)'.*vaults\/kv-token'.*'operator-token'\)\]$/,
    );
    expect(Object.values(settings).filter((value) => /Key=|sig=/i.test(value))).toEqual([]);
    expect(settings['APPLICATIONINSIGHTS_AUTHENTICATION_STRING']).toMatch(
      /'ClientId=\{0\};Authorization=AAD', /,
    );
  });

  test('name queues, database and container as the app does by itself', () => {
    const byDefault = [
      SETTINGS.ordersQueue,
      SETTINGS.orderFailuresQueue,
      SETTINGS.customerNotificationsQueue,
      SETTINGS.orderEventsTopic,
      SETTINGS.cosmosDatabase,
      SETTINGS.cosmosContainer,
    ];
    for (const { name, defaultText } of byDefault) {
      expect(settings[name.replaceAll(':', '__')]).toBe(defaultText);
    }
  });
});

describeCompiled('the containers of Cosmos DB', () => {
  const containers = bodies('Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers').map(
    (body) => propertiesOf(body)['resource'] as Properties,
  );

  test('are those of the design, by their partition keys; what expires says when', () => {
    const list = containers.map(({ id, partitionKey, defaultTtl }) => [
      id,
      (partitionKey as { paths: string[] }).paths,
      ...(defaultTtl === undefined ? [] : [defaultTtl]),
    ]);
    expect(list).toEqual([
      ['orders', ['/orderId']],
      ['customer-orders', ['/customerKey']],
      ['daily-stats', ['/dayShard'], -1],
      ['inventory', ['/productId']],
      ['operations', ['/subject']],
      ['keys', ['/subject']],
      ['inbox', ['/id'], 604_800],
      ['parking', ['/source'], 7_776_000],
      ['saga-archive', ['/id']],
      ['leases', ['/id']],
    ]);
  });

  test('are those that the app creates where it creates them itself, with what is indexed', () => {
    const inApp = { orders: ORDERS, ...CONTAINERS };
    const deployed = containers.map(({ id, partitionKey, defaultTtl, indexingPolicy }) => [
      id,
      {
        partitionKey: (partitionKey as { paths: string[] }).paths[0],
        indexingPolicy,
        ...(defaultTtl === undefined ? {} : { timeToLiveSeconds: defaultTtl }),
      },
    ]);
    const leases = { partitionKey: '/id', indexingPolicy: CONTAINERS.inbox.indexingPolicy };
    expect(Object.fromEntries(deployed)).toEqual({ ...inApp, leases });
  });
});
