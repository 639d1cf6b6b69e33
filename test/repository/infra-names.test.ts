// One name, one number in every place that says it: the compiled Bicep, the emulators' Config.json, the settings of the app, azd.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import config from '../../local/servicebus/Config.json';
import { endedBetweenQuery, eventsAfterQuery, unfinishedQuery } from '../../src/adapters/cosmos-documents';
import { customerOrdersQuery } from '../../src/adapters/cosmos-read-models';
import { parseConfig, SETTINGS, triggerConnections } from '../../src/config';
import { TIER } from 'azure-local/servicebus/limits';
import { azdParameters, describeCompiled, mainPlan, planOf, type Properties } from '../support/infra';

const root = path.resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const bodies = (type: string): Properties[] =>
  mainPlan()
    .resources.filter((resource) => resource.type === type)
    .map(({ body }) => body);
const propertiesOf = (body: Properties): Properties => body['properties'] as Properties;
const nameOf = (body: Properties): string => String(body['name']).split('/').at(-1) ?? '';
const settingsIn = (plan = mainPlan()): Readonly<Record<string, string>> =>
  plan.resources
    .filter(({ type }) => type === 'Microsoft.Web/sites/config')
    .map(({ body }) => propertiesOf(body))[0] as Readonly<Record<string, string>>;

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
      };
    });
    const inEmulators = emulated.Queues.map(({ Name: name, Properties: of }) => ({
      name,
      lockDuration: of.LockDuration,
      maxDeliveryCount: of.MaxDeliveryCount,
      requiresDuplicateDetection: of.RequiresDuplicateDetection,
      deadLetteringOnMessageExpiration: of.DeadLetteringOnMessageExpiration,
    }));
    expect(inAzure).toEqual(inEmulators);
  });

  /** Those with a name in the catalogue and the one with everything. */
  const EVENT_SUBSCRIPTIONS = 9;

  test('has the same topic and subscriptions, with the same sessions and filters', () => {
    expect(emulated.Topics.map(({ Name }) => Name)).toEqual(bodies(`${bus}/topics`).map(nameOf));
    const labels = bodies(`${bus}/topics/subscriptions/rules`).map(
      (body) => (propertiesOf(body)['correlationFilter'] as { label: string }).label,
    );
    // The first subscription has no filter, the last has the rules that are left, and those between have one each.
    const filtersOf = (position: number): readonly string[] =>
      position === 0 ? [] : labels.slice(position - 1, position < EVENT_SUBSCRIPTIONS ? position : undefined);
    const inAzure = bodies(`${bus}/topics/subscriptions`).map((body, position) => ({
      name: nameOf(body),
      lockDuration: propertiesOf(body)['lockDuration'],
      maxDeliveryCount: propertiesOf(body)['maxDeliveryCount'],
      requiresSession: propertiesOf(body)['requiresSession'] ?? false,
      filters: filtersOf(position).map((Label) => ({ Label })),
    }));
    const inEmulators = topic?.Subscriptions.map(({ Name: name, Properties: of, ...rest }) => ({
      name,
      lockDuration: of.LockDuration,
      maxDeliveryCount: of.MaxDeliveryCount,
      requiresSession: of.RequiresSession,
      filters: 'Rules' in rest ? rest.Rules.map(({ Properties: rule }) => rule.CorrelationFilter) : [],
    }));
    expect(inAzure).toEqual(inEmulators);
  });

  test('remembers message ids for 10 minutes in Azure, for the 5 that the emulator allows at most', () => {
    const windows = [...bodies(`${bus}/queues`), ...bodies(`${bus}/topics`)].map(
      (body) => propertiesOf(body)['duplicateDetectionHistoryTimeWindow'],
    );
    expect(windows).toEqual(['PT10M', 'PT10M', 'PT10M']);
    const emulatedWindows = [...emulated.Queues, ...emulated.Topics].map(
      ({ Properties: of }) => of.DuplicateDetectionHistoryTimeWindow,
    );
    expect(emulatedWindows).toEqual(['PT5M', 'PT5M', 'PT5M']);
  });

  test('delivers an order as often as the app is told, which is its default', () => {
    const other = mainPlan({ maxDeliveryCount: 7 });
    const queue = other.resources.find(
      ({ type, name }) => type === `${bus}/queues` && name.endsWith('/orders'),
    );
    expect(queue?.body).toMatchObject({ properties: { maxDeliveryCount: 7 } });
    expect(settingsIn(other)).toMatchObject({ OrderProcessing__MaxDeliveryCount: '7' });
    expect(settingsIn()['OrderProcessing__MaxDeliveryCount']).toBe(SETTINGS.maxDeliveryCount.defaultText);
  });
});

describeCompiled('the settings of the function app', () => {
  const settings = settingsIn();
  /** As Azure would give them: addresses instead of what only Azure knows. */
  const given = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      // An address that only Azure knows, and whatever else it works out.
      value
        .replace(/^\[.*(?:ndpoint|defaultDomain)\b.*\]$/, 'https://token.azure.example:443/')
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

  test('hold no secret: the only connection string is the address of telemetry, which takes no key', () => {
    const suspects = Object.keys(settings).filter((name) =>
      /password|secret|token|sas|(?:account|access|shared)_?key|connection_?string/i.test(name),
    );
    expect(suspects).toEqual(['APPLICATIONINSIGHTS_CONNECTION_STRING']);
    expect(Object.values(settings).filter((value) => /Key=|sig=/i.test(value))).toEqual([]);
    expect(settings['APPLICATIONINSIGHTS_AUTHENTICATION_STRING']).toMatch(
      /'ClientId=\{0\};Authorization=AAD', /,
    );
  });

  test('name queues, database and container as the app does by itself', () => {
    const byDefault = [
      SETTINGS.ordersQueue,
      SETTINGS.orderFailuresQueue,
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
      ['daily-stats', ['/day'], -1],
      ['inventory', ['/productId']],
      ['inbox', ['/id'], 604_800],
      ['parking', ['/source']],
      ['saga-archive', ['/id']],
      ['leases', ['/id']],
    ]);
  });

  test('index every path that a query of the app asks for, and the order of its lists', () => {
    interface Indexing {
      readonly excludedPaths: readonly { path: string }[];
      readonly compositeIndexes?: readonly (readonly { path: string; order: string }[])[];
    }
    const [orders, lists] = containers.map((container) => container['indexingPolicy'] as Indexing);
    const list = customerOrdersQuery({
      ...{ customerKey: 'a', status: 'processing', fromIso: 'b', toIso: 'c', limit: 1 },
      after: { createdAt: 'd', id: 'e' },
    }).query;
    const askedOfOrders = [eventsAfterQuery(0), unfinishedQuery('', 1), endedBetweenQuery('', '')];
    for (const [indexing, queries] of [
      [orders, askedOfOrders.map(({ query }) => query)],
      [lists, [list]],
    ] as const) {
      const asked = queries
        .flatMap((query) => [...query.matchAll(/\bc\.(\w+)/g)])
        .map((match) => `/${match[1] ?? ''}/*`);
      expect(asked.length).toBeGreaterThan(5);
      const excluded = indexing?.excludedPaths.map((path) => path.path) ?? [];
      expect(excluded.filter((path) => asked.includes(path))).toEqual([]);
    }
    const sorted = (lists?.compositeIndexes ?? []).map((index) =>
      index
        .map(({ path: of, order }) => `c.${of.slice(1)} ${order === 'descending' ? 'DESC' : 'ASC'}`)
        .join(', '),
    );
    expect(sorted.filter((order) => list.includes(`ORDER BY ${order} `))).toHaveLength(1);
  });
});

describeCompiled('azd', () => {
  interface Service {
    readonly host: string;
    readonly language: string;
    readonly dist?: string;
    readonly condition?: string;
    readonly docker?: { readonly path: string };
    readonly hooks?: Readonly<Record<string, { readonly run: string }>>;
  }
  const { services } = parse(read('azure.yaml')) as { services: Readonly<Record<string, Service>> };
  const parametersIn = (file: string): Readonly<Record<string, string>> => {
    const { parameters } = JSON.parse(read(file)) as { parameters: Record<string, { value: string }> };
    return Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value]));
  };
  const variable = (value: string): string => /^\$\{(\w+)(?:=(.*))?\}$/.exec(value)?.[1] ?? '';
  const simulatorsParameters = parametersIn('infra/simulators.parameters.json');
  const simulators = planOf('simulators.bicep', simulatorsParameters);

  test('finds for each service the resource that is tagged with its name', () => {
    const tagged = [...mainPlan().resources, ...simulators.resources].flatMap(({ type, body }) => {
      const service = (body['tags'] as Properties | undefined)?.['azd-service-name'];
      return service === undefined ? [] : [[service, type]];
    });
    expect(Object.fromEntries(tagged)).toEqual({
      api: 'Microsoft.Web/sites',
      simulators: 'Microsoft.App/containerApps',
    });
    expect(Object.entries(services).map(([name, { host }]) => [name, host])).toEqual([
      ['api', 'function'],
      ['simulators', 'containerapp'],
    ]);
  });

  test('packages the app by npm scripts that exist, and takes what they make', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const run = services['api']?.hooks?.['prepackage']?.run ?? '';
    const called = [...run.matchAll(/npm run ([\w-]+)/g)].map((match) => match[1] ?? '');
    expect(called).toEqual(['package']);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(called));
    expect(services['api']).toMatchObject({ language: 'custom', dist: '.deploy' });
    expect(read('scripts/package.mjs')).toContain("'.deploy'");
  });

  test('gives the templates parameters that they have, and the simulators what the first one put out', () => {
    const known = ['AZURE_ENV_NAME', 'SERVICE_SIMULATORS_IMAGE_NAME', ...Object.keys(mainPlan().outputs)];
    expect(
      Object.values(simulatorsParameters)
        .map(variable)
        .filter((name) => !known.includes(name)),
    ).toEqual([]);
  });

  test('lets `azd env set` choose, in words that the template takes', () => {
    expect(azdParameters({})).toMatchObject({
      ...{ environmentName: 'demo', location: 'westeurope', deploySimulators: true, alwaysReadyDurable: 0 },
      cosmosCapacity: 'serverless',
    });
    const chosen = { DEPLOY_SIMULATORS: 'false', COSMOS_CAPACITY: 'autoscale', ALWAYS_READY_DURABLE: '2' };
    expect(azdParameters(chosen)).toMatchObject({
      ...{ deploySimulators: false, cosmosCapacity: 'autoscale', alwaysReadyDurable: 2 },
    });
    expect(() => azdParameters({ COSMOS_CAPACITY: 'dear' })).toThrow('dear');
    expect(services['simulators']?.condition).toBe('${DEPLOY_SIMULATORS=true}');
  });

  test('tells the app the address that the simulators will have', () => {
    const [app] = simulators.resources;
    expect(settingsIn()['PaymentService__BaseUrl']).toMatch(
      new RegExp(`/payments', .*'https://${app?.name ?? ''}\\..*cae-token'.*\\.defaultDomain`),
    );
    const image = read(services['simulators']?.docker?.path ?? '');
    const port = (app?.body['properties'] as { configuration: { ingress: { targetPort: number } } })
      .configuration.ingress.targetPort;
    expect(image).toContain(`EXPOSE ${port}\n`);
    expect(image).toContain(`"--port", "${port}"`);
  });

  test('asks for the health of the app where it tells it', () => {
    const { extensions } = JSON.parse(read('host.json')) as { extensions: { http: { routePrefix: string } } };
    const [site] = bodies('Microsoft.Web/sites').map(propertiesOf);
    expect(site).toMatchObject({ siteConfig: { healthCheckPath: `/${extensions.http.routePrefix}/health` } });
    expect(existsSync(path.join(root, 'src/functions/health.http.ts'))).toBe(true);
  });
});
