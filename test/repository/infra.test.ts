// What infra/main.bicep would deploy, and who may do what there. Worked out by test/support/bicep.ts, which is no
// compiler: that Azure takes it is not shown here.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeployed, planOf, type Deployed, type Plan, type Properties } from '../support/bicep';
import { bicepTokens, type Token } from '../support/bicep-tokens';

const infra = path.resolve(__dirname, '../../infra');
const plan = (parameters: Properties = {}): Plan =>
  planOf(path.join(infra, 'main.bicep'), {
    environmentName: 'demo',
    location: 'westeurope',
    ...parameters,
  });
const main = plan();

const ofType = (type: string, { resources }: Plan = main): readonly Deployed[] =>
  resources.filter((resource) => resource.type === type);
const only = (type: string, from: Plan = main): Deployed => {
  const [resource, ...others] = ofType(type, from);
  if (resource === undefined || others.length > 0)
    throw new Error(`not one but ${ofType(type, from).length} ${type}`);
  return resource;
};
const at = (value: unknown, dotted: string): unknown =>
  dotted.split('.').reduce<unknown>((inner, key) => (inner as Properties | undefined)?.[key], value);

/** What keeps callers without an Entra ID token out, by type. */
const KEYLESS: Readonly<Record<string, readonly [property: string, value: unknown]>> = {
  'Microsoft.App/managedEnvironments': ['properties.appLogsConfiguration', { destination: 'azure-monitor' }],
  'Microsoft.ContainerRegistry/registries': ['properties.adminUserEnabled', false],
  'Microsoft.DocumentDB/databaseAccounts': ['properties.disableLocalAuth', true],
  'Microsoft.EventGrid/topics': ['properties.disableLocalAuth', true],
  'Microsoft.Insights/components': ['properties.DisableLocalAuth', true],
  'Microsoft.OperationalInsights/workspaces': ['properties.features.disableLocalAuth', true],
  'Microsoft.ServiceBus/namespaces': ['properties.disableLocalAuth', true],
  'Microsoft.Storage/storageAccounts': ['properties.allowSharedKeyAccess', false],
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': ['properties.allow', false],
};
/** Types that have no keys of their own. */
const WITHOUT_KEYS = [
  ...['Microsoft.Authorization/roleAssignments', 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments'],
  ...['Microsoft.DocumentDB/databaseAccounts/sqlDatabases'],
  ...['Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers'],
  ...['Microsoft.Insights/diagnosticSettings', 'Microsoft.ManagedIdentity/userAssignedIdentities'],
  ...['Microsoft.Resources/resourceGroups', 'Microsoft.ServiceBus/namespaces/queues'],
  ...['Microsoft.ServiceBus/namespaces/topics', 'Microsoft.ServiceBus/namespaces/topics/subscriptions'],
  ...['Microsoft.ServiceBus/namespaces/topics/subscriptions/rules'],
  ...['Microsoft.Storage/storageAccounts/blobServices'],
  ...['Microsoft.Storage/storageAccounts/blobServices/containers'],
  ...['Microsoft.Web/serverfarms', 'Microsoft.Web/sites', 'Microsoft.Web/sites/config'],
];

describe('what azd up creates', () => {
  test('is all that the app needs, once', () => {
    expect(main.targetScope).toBe('subscription');
    for (const type of [
      ...['Microsoft.Resources/resourceGroups', 'Microsoft.Web/serverfarms', 'Microsoft.Web/sites'],
      ...['Microsoft.Storage/storageAccounts', 'Microsoft.ServiceBus/namespaces'],
      ...['Microsoft.ServiceBus/namespaces/topics', 'Microsoft.DocumentDB/databaseAccounts'],
      ...['Microsoft.DocumentDB/databaseAccounts/sqlDatabases', 'Microsoft.EventGrid/topics'],
      ...['Microsoft.Insights/components', 'Microsoft.OperationalInsights/workspaces'],
      ...['Microsoft.ContainerRegistry/registries', 'Microsoft.App/managedEnvironments'],
    ]) {
      expect(only(type).type).toBe(type);
    }
    expect(ofType('Microsoft.ServiceBus/namespaces/queues').map(({ name }) => name)).toEqual([
      'sb-token/orders',
      'sb-token/order-failures',
    ]);
  });

  test('is one of each name, and versions of one provider are one', () => {
    const ids = main.resources.map(({ type, name }) => `${type} ${name}`);
    expect(new Set(ids).size).toBe(ids.length);
    const versions = new Map<string, Set<string>>();
    for (const { type, apiVersion } of main.resources) {
      const ofThisType = versions.get(type) ?? new Set();
      versions.set(type, ofThisType.add(apiVersion));
    }
    expect([...versions].filter(([, of]) => of.size > 1)).toEqual([]);
  });

  test('filters each event subscription by the rule $Default, which takes the place of the one that lets everything through', () => {
    const rules = ofType('Microsoft.ServiceBus/namespaces/topics/subscriptions/rules');
    const names = rules.map(({ body }) => body['name']);
    expect(names.filter((name) => name === '$Default')).toHaveLength(9);
    expect(names.filter((name) => name !== '$Default')).toEqual(['cancelled']);
  });

  test('is without simulators when they are not wanted; the services are then those that are named', () => {
    const urls = {
      inventoryBaseUrl: 'https://i',
      paymentBaseUrl: 'https://p',
      shippingBaseUrl: 'https://s',
      notificationBaseUrl: 'https://n',
    };
    const without = plan({ deploySimulators: false, ...urls });
    const gone = main.resources.filter(
      ({ type, name }) => !without.resources.some((kept) => kept.type === type && kept.name === name),
    );
    expect(gone.map(({ symbol }) => symbol).sort()).toEqual([
      ...['containerEnvironment', 'identity', 'logs', 'pullsImages', 'registry'],
    ]);
    expect(only('Microsoft.Web/sites/config', without).body['properties']).toMatchObject({
      InventoryService__BaseUrl: 'https://i',
      PaymentService__BaseUrl: 'https://p',
      ShippingService__BaseUrl: 'https://s',
    });
  });

  test('is serverless Cosmos DB, or autoscale up to a limit', () => {
    const paidBy = (from: Plan): unknown[] => [
      at(only('Microsoft.DocumentDB/databaseAccounts', from).body, 'properties.capabilities'),
      at(only('Microsoft.DocumentDB/databaseAccounts/sqlDatabases', from).body, 'properties.options'),
    ];
    expect(paidBy(main)).toEqual([[{ name: 'EnableServerless' }], {}]);
    expect(paidBy(plan({ cosmosCapacity: 'autoscale', cosmosMaxThroughput: 4000 }))).toEqual([
      [],
      { autoscaleSettings: { maxThroughput: 4000 } },
    ]);
  });
});

describe('the function app', () => {
  const site = only('Microsoft.Web/sites').body;

  test('runs Node 22 on Flex Consumption, with its package fetched by identity', () => {
    expect(only('Microsoft.Web/serverfarms').body).toMatchObject({
      sku: { name: 'FC1', tier: 'FlexConsumption' },
      properties: { reserved: true },
    });
    expect(at(site, 'properties.functionAppConfig')).toMatchObject({
      runtime: { name: 'node', version: '22' },
      deployment: {
        storage: {
          value: '<sttoken.properties.primaryEndpoints.blob>packages',
          authentication: {
            type: 'UserAssignedIdentity',
            userAssignedIdentityResourceId: '<id-api-token>',
          },
        },
      },
    });
  });

  test('keeps no instance warm for the saga unless asked to', () => {
    const alwaysReady = (from: Plan): unknown =>
      at(
        only('Microsoft.Web/sites', from).body,
        'properties.functionAppConfig.scaleAndConcurrency.alwaysReady',
      );
    expect(alwaysReady(main)).toEqual([]);
    expect(alwaysReady(plan({ alwaysReadyDurable: 2 }))).toEqual([{ name: 'durable', instanceCount: 2 }]);
  });

  test('has nothing that Flex Consumption refuses', () => {
    const refused = [
      ...['ftpsState', 'alwaysOn', 'linuxFxVersion', 'use32BitWorkerProcess', 'netFrameworkVersion'],
      ...['FUNCTIONS_WORKER_RUNTIME', 'FUNCTIONS_EXTENSION_VERSION', 'WEBSITE_RUN_FROM_PACKAGE'],
    ];
    const given = [
      ...Object.keys(at(site, 'properties.siteConfig') as Properties),
      ...Object.keys(only('Microsoft.Web/sites/config').body['properties'] as Properties),
    ];
    expect(given.filter((name) => refused.includes(name))).toEqual([]);
  });

  test('takes HTTPS with TLS 1.2 only, and no publishing password', () => {
    expect(site['properties']).toMatchObject({
      httpsOnly: true,
      siteConfig: { minTlsVersion: '1.2', scmMinTlsVersion: '1.2' },
    });
    const ways = ofType('Microsoft.Web/sites/basicPublishingCredentialsPolicies');
    expect(ways.map(({ body }) => body['name'])).toEqual(['ftp', 'scm']);
  });
});

describe('keys', () => {
  test.each(Object.entries(KEYLESS))('open nothing of %s', (type, [property, value]) => {
    expect(ofType(type).length).toBeGreaterThan(0);
    for (const { body } of ofType(type)) expect(at(body, property)).toEqual(value);
  });

  test('are decided on for every type of resource there is', () => {
    const decided = new Set([...Object.keys(KEYLESS), ...WITHOUT_KEYS]);
    expect(main.resources.map(({ type }) => type).filter((type) => !decided.has(type))).toEqual([]);
  });

  test('are asked for by no file', () => {
    const words = (tokens: readonly Token[]): string[] =>
      tokens.flatMap((token) => {
        if (token.kind === 'word') return [token.text];
        if (token.kind !== 'string') return [];
        return token.parts.flatMap((part) => (typeof part === 'string' ? [] : words(part)));
      });
    const files = readdirSync(infra, { recursive: true, encoding: 'utf8' }).filter((f) =>
      f.endsWith('.bicep'),
    );
    const asking = files.filter((file) =>
      words(bicepTokens(readFileSync(path.join(infra, file), 'utf8'))).some((word) =>
        /^(?:list[A-Z]\w*|getSecret|secure)$/.test(word),
      ),
    );
    expect(files.length).toBeGreaterThan(8);
    expect(asking).toEqual([]);
  });
});

describe('roles', () => {
  const names = planOf(path.join(infra, 'modules/roles.bicep'), {}).variables['roles'] as Properties;
  const nameOf = (id: unknown): string =>
    Object.keys(names).find((name) => names[name] === id) ?? `${String(id)}, which roles.bicep does not name`;
  const granted = ofType('Microsoft.Authorization/roleAssignments').map(({ body }) => {
    const { principalId, roleDefinitionId } = body['properties'] as Properties;
    const scope = body['scope'];
    const who = /^<(id-\w+)-token\.properties\.principalId>$/.exec(String(principalId))?.[1];
    return `${who ?? 'somebody'}: ${nameOf(roleDefinitionId)} on ${isDeployed(scope) ? scope.name : 'everything'}`;
  });

  test('are these and no more: who receives from a queue cannot send to it, who sends cannot receive', () => {
    expect([...granted].sort()).toEqual([
      'id-api: eventGridDataSender on evgt-token',
      'id-api: monitoringMetricsPublisher on appi-token',
      'id-api: serviceBusDataReceiver on sb-token/order-events/customer-notifications',
      'id-api: serviceBusDataReceiver on sb-token/orders',
      'id-api: serviceBusDataSender on sb-token/order-events',
      'id-api: serviceBusDataSender on sb-token/order-failures',
      'id-api: storageBlobDataOwner on sttoken',
      'id-api: storageQueueDataContributor on sttoken',
      'id-api: storageTableDataContributor on sttoken',
      'id-simulators: acrPull on crtoken',
    ]);
  });

  test('on Cosmos DB are to read and write items, container by container', () => {
    const assignments = ofType('Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments').map(
      ({ body }) => body['properties'] as Properties,
    );
    expect(assignments.map(({ scope }) => scope)).toEqual(
      ofType('Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers').map(
        ({ body }) => `<cosmos-token>/dbs/orders-db/colls/${String(body['name'])}`,
      ),
    );
    expect(new Set(assignments.map(({ roleDefinitionId }) => roleDefinitionId))).toEqual(
      new Set(['<cosmos-token>/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002']),
    );
  });

  test('are given to identities, and the app has one that is not shared', () => {
    expect(at(only('Microsoft.Web/sites').body, 'identity')).toEqual({
      type: 'UserAssigned',
      userAssignedIdentities: { '<id-api-token>': {} },
    });
  });
});
