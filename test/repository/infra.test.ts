// What infra/main.bicep would deploy, and who may do what there, as the Bicep compiler works it out. That Azure takes it
// is not shown here.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  at,
  compiled,
  describeCompiled,
  infraFolder,
  lintedAll,
  EVERYTHING,
  mainPlan,
  ofType,
  only,
  OWN_SERVICES,
  settingsOf,
  unformatted,
  type Plan,
  type Properties,
} from '../support/infra';

const APP_IDENTITY = 'Microsoft.ManagedIdentity/userAssignedIdentities/id-api-token';

const templates = readdirSync(infraFolder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.bicep'),
);

/** What is deployed by itself; the rest are their modules. */
const ENTRY_POINTS = ['main.bicep', 'simulators.bicep', 'event-subscriptions.bicep'];

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
      'Microsoft.DocumentDB/databaseAccounts/sqlDatabases',
      ...['Microsoft.Insights/components', 'Microsoft.OperationalInsights/workspaces'],
      ...['Microsoft.ContainerRegistry/registries', 'Microsoft.App/managedEnvironments'],
      ...['Microsoft.KeyVault/vaults'],
    ]) {
      expect(only(type).type).toBe(type);
    }
    expect(ofType('Microsoft.ServiceBus/namespaces/queues').map(({ name }) => name)).toEqual([
      'sb-token/orders',
      'sb-token/order-failures',
      'sb-token/customer-notifications',
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

  test('has no subscription that nobody asked for', () => {
    expect(ofType('Microsoft.ServiceBus/namespaces/topics/subscriptions')).toEqual([]);
    expect(ofType('Microsoft.EventGrid/topics').map(({ name }) => name)).toEqual([
      'evgt-inventory-token',
      'evgt-shipping-token',
    ]);
    expect(settingsOf(mainPlan())['OrderProcessing__EventGridTopicEndpoint']).toBe('');
  });

  test('filters each subscription by the rule $Default, which takes the place of the one that lets everything through', () => {
    const asked = mainPlan({ ...EVERYTHING, sagaMode: 'orchestration' });
    const rules = ofType('Microsoft.ServiceBus/namespaces/topics/subscriptions/rules', asked);
    expect(rules).toHaveLength(8);
    expect(new Set(rules.map(({ name }) => name.split('/').at(-1)))).toEqual(new Set(['$Default']));
    const [paymentFailed] = rules.filter(({ name }) => name.includes('/payment-failed-events/'));
    expect(at(paymentFailed?.body, 'properties.correlationFilter')).toEqual({ label: 'PaymentFailed' });
    const subscriptions = ofType('Microsoft.ServiceBus/namespaces/topics/subscriptions', asked);
    expect(subscriptions.map(({ name }) => name.split('/').at(-1))).toEqual(EVERYTHING.eventSubscriptions);
    for (const { body } of subscriptions)
      expect(at(body, 'properties.defaultMessageTimeToLive')).toBe('PT4H');
  });

  test('gives every queue and the topic the most room that the tier has: a full one refuses every send', () => {
    for (const type of ['queues', 'topics']) {
      for (const { body } of ofType(`Microsoft.ServiceBus/namespaces/${type}`))
        expect(at(body, 'properties.maxSizeInMegabytes')).toBe(5_120);
    }
  });

  test('is without simulators when they are not wanted; the services are then those that are named', () => {
    const without = mainPlan(OWN_SERVICES);
    const gone = mainPlan().resources.filter(
      ({ type, name }) => !without.resources.some((kept) => kept.type === type && kept.name === name),
    );
    expect(gone.map(({ type }) => type).sort()).toEqual([
      ...['Microsoft.App/managedEnvironments', 'Microsoft.Authorization/roleAssignments'],
      ...['Microsoft.Authorization/roleAssignments', 'Microsoft.Authorization/roleAssignments'],
      ...['Microsoft.ContainerRegistry/registries', 'Microsoft.Insights/diagnosticSettings'],
      'Microsoft.ManagedIdentity/userAssignedIdentities',
    ]);
    expect(settingsOf(without)).toMatchObject({
      InventoryService__BaseUrl: 'https://i',
      PromotionService__BaseUrl: 'https://c',
      PaymentService__BaseUrl: 'https://p',
      ShippingService__BaseUrl: 'https://s',
    });
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

  test('keeps no instance warm unless asked to, and has the memory that is asked for', () => {
    const scaling = (from: Plan): unknown =>
      at(only('Microsoft.Web/sites', from).body, 'properties.functionAppConfig.scaleAndConcurrency');
    expect(scaling(mainPlan())).toEqual({
      alwaysReady: [],
      instanceMemoryMB: 2048,
      maximumInstanceCount: 100,
    });
    const { alwaysReady, instanceMemoryMB } = EVERYTHING;
    expect(scaling(mainPlan(EVERYTHING))).toMatchObject({ alwaysReady, instanceMemoryMB });
  });

  test('has nothing that Flex Consumption refuses', () => {
    const refused = [
      ...[
        'healthCheckPath',
        'ftpsState',
        'alwaysOn',
        'linuxFxVersion',
        'use32BitWorkerProcess',
        'netFrameworkVersion',
      ],
      ...['FUNCTIONS_WORKER_RUNTIME', 'FUNCTIONS_EXTENSION_VERSION', 'WEBSITE_RUN_FROM_PACKAGE'],
    ];
    const given = [
      ...Object.keys(at(site, 'properties.siteConfig') as Properties),
      ...Object.keys(settingsOf(mainPlan())),
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
