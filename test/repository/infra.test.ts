// What infra/main.bicep would deploy, and who may do what there, as the Bicep compiler works it out. That Azure takes it
// is not shown here.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compiled,
  describeCompiled,
  infraFolder,
  lintedAll,
  mainPlan,
  unformatted,
  type Plan,
  type PlannedResource,
  type Properties,
} from '../support/infra';

const ofType = (type: string, { resources }: Plan = mainPlan()): readonly PlannedResource[] =>
  resources.filter((resource) => resource.type === type);
const only = (type: string, from?: Plan): PlannedResource => {
  const [resource, ...others] = ofType(type, from);
  if (resource === undefined || others.length > 0)
    throw new Error(`not one but ${ofType(type, from).length} ${type}`);
  return resource;
};
const at = (value: unknown, dotted: string): unknown =>
  dotted.split('.').reduce<unknown>((inner, key) => (inner as Properties | undefined)?.[key], value);

const ACCOUNT = 'Microsoft.DocumentDB/databaseAccounts/cosmos-token';
const APP_IDENTITY = 'Microsoft.ManagedIdentity/userAssignedIdentities/id-api-token';

const templates = readdirSync(infraFolder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.bicep'),
);

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

/** What is deployed by itself; the rest are their modules. */
const ENTRY_POINTS = ['main.bicep', 'simulators.bicep'];

describeCompiled('the Bicep compiler', () => {
  test.each(ENTRY_POINTS)('compiles %s with every rule on, and says nothing', (file) => {
    expect(compiled(file).said).toBe('');
  });

  test('has nothing to say about any file', () => {
    expect(lintedAll()).toBe('');
  });

  test('formats every file as it is', () => {
    expect(unformatted(templates)).toEqual([]);
  });
});

test('no rule of the Bicep compiler is off, but at one line that says why', () => {
  const { analyzers } = JSON.parse(readFileSync(path.join(infraFolder, 'bicepconfig.json'), 'utf8')) as {
    analyzers: { core: { enabled: boolean; rules: Readonly<Record<string, { level: string }>> } };
  };
  const levels = Object.values(analyzers.core.rules).map(({ level }) => level);
  expect(analyzers.core.enabled).toBe(true);
  expect(levels.length).toBeGreaterThan(50);
  expect(new Set(levels)).toEqual(new Set(['warning']));
  const exceptions = templates.flatMap((file) =>
    readFileSync(path.join(infraFolder, file), 'utf8')
      .split('\n')
      .filter((line) => line.includes('#disable')),
  );
  for (const line of exceptions) expect(line).toMatch(/^#disable-next-line \S+ \/\/ .{20}/);
});

describeCompiled('what azd up creates', () => {
  test('is all that the app needs, once', () => {
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
    const ids = mainPlan().resources.map(({ type, name }) => `${type} ${name}`);
    expect(new Set(ids).size).toBe(ids.length);
    const versions = new Map<string, Set<string>>();
    for (const { type, apiVersion } of mainPlan().resources) {
      const ofThisType = versions.get(type) ?? new Set();
      versions.set(type, ofThisType.add(apiVersion));
    }
    expect([...versions].filter(([, of]) => of.size > 1)).toEqual([]);
  });

  test('filters each event subscription by the rule $Default, which takes the place of the one that lets everything through', () => {
    const rules = ofType('Microsoft.ServiceBus/namespaces/topics/subscriptions/rules');
    const names = rules.map(({ name }) => name.split('/').at(-1));
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
    const without = mainPlan({ deploySimulators: false, ...urls });
    const gone = mainPlan().resources.filter(
      ({ type, name }) => !without.resources.some((kept) => kept.type === type && kept.name === name),
    );
    expect(gone.map(({ type }) => type).sort()).toEqual([
      ...['Microsoft.App/managedEnvironments', 'Microsoft.Authorization/roleAssignments'],
      ...['Microsoft.ContainerRegistry/registries', 'Microsoft.Insights/diagnosticSettings'],
      'Microsoft.ManagedIdentity/userAssignedIdentities',
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
    expect(paidBy(mainPlan())).toEqual([[{ name: 'EnableServerless' }], {}]);
    expect(paidBy(mainPlan({ cosmosCapacity: 'autoscale', cosmosMaxThroughput: 4000 }))).toEqual([
      [],
      { autoscaleSettings: { maxThroughput: 4000 } },
    ]);
  });
});

describeCompiled('the function app', () => {
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
          value: expect.stringMatching(
            /storageAccounts\/sttoken'.*\.primaryEndpoints\.blob, 'packages'/,
          ) as unknown,
          authentication: {
            type: 'UserAssignedIdentity',
            userAssignedIdentityResourceId: APP_IDENTITY,
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
    expect(alwaysReady(mainPlan())).toEqual([]);
    expect(alwaysReady(mainPlan({ alwaysReadyDurable: 2 }))).toEqual([{ name: 'durable', instanceCount: 2 }]);
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
    expect(ways.map(({ name }) => name)).toEqual(['func-token/ftp', 'func-token/scm']);
  });
});

describeCompiled('keys', () => {
  test.each(Object.entries(KEYLESS))('open nothing of %s', (type, [property, value]) => {
    expect(ofType(type).length).toBeGreaterThan(0);
    for (const { body } of ofType(type)) expect(at(body, property)).toEqual(value);
  });

  test('are decided on for every type of resource there is', () => {
    const decided = new Set([...Object.keys(KEYLESS), ...WITHOUT_KEYS]);
    expect(
      mainPlan()
        .resources.map(({ type }) => type)
        .filter((type) => !decided.has(type)),
    ).toEqual([]);
  });

  test('are asked for by no template, and no parameter is a secret', () => {
    for (const file of ENTRY_POINTS) {
      expect(JSON.stringify(compiled(file).template)).not.toMatch(
        /\blist[A-Z]\w*\(|getSecret|secure(?:string|object)/i,
      );
    }
  });
});

describeCompiled('roles', () => {
  const { roles } = compiled('modules/roles.bicep').template['variables'] as { roles: Properties };
  const nameOf = (id: unknown): string =>
    Object.keys(roles).find((name) => String(id).endsWith(`/${String(roles[name])}`)) ??
    `${String(id)}, which roles.bicep does not name`;
  const granted = ofType('Microsoft.Authorization/roleAssignments').map(({ body, scope }) => {
    const { principalId, roleDefinitionId } = body['properties'] as Properties;
    const who = /userAssignedIdentities\/(id-\w+)-token', .*\.principalId\]$/.exec(String(principalId))?.[1];
    return `${who ?? 'somebody'}: ${nameOf(roleDefinitionId)} on ${scope.replace(/^[^/]*\/[^/]*\//, '')}`;
  });

  test('are these and no more: who receives from a queue cannot send to it, who sends cannot receive', () => {
    expect([...granted].sort()).toEqual([
      'id-api: eventGridDataSender on evgt-token',
      'id-api: monitoringMetricsPublisher on appi-token',
      'id-api: serviceBusDataReceiver on sb-token/queues/orders',
      'id-api: serviceBusDataReceiver on sb-token/topics/order-events/subscriptions/customer-notifications',
      'id-api: serviceBusDataSender on sb-token/queues/order-failures',
      'id-api: serviceBusDataSender on sb-token/topics/order-events',
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
        ({ name }) => `${ACCOUNT}/dbs/orders-db/colls/${name.split('/').at(-1) ?? ''}`,
      ),
    );
    expect(new Set(assignments.map(({ roleDefinitionId }) => roleDefinitionId))).toEqual(
      new Set([`${ACCOUNT}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002`]),
    );
  });

  test('are given to identities, and the app has one that is not shared', () => {
    expect(at(only('Microsoft.Web/sites').body, 'identity')).toEqual({
      type: 'UserAssigned',
      userAssignedIdentities: { [APP_IDENTITY]: {} },
    });
  });
});
