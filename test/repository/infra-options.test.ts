// What the parameters of infra/main.bicep choose, and what they cannot choose together.
import {
  describeCompiled,
  EVERYTHING,
  mainPlan,
  OWN_SERVICES,
  settingsOf,
  type Plan,
  type PlannedResource,
  type Properties,
} from '../support/infra';

const ofType = (type: string, { resources }: Plan): readonly PlannedResource[] =>
  resources.filter((resource) => resource.type === type);
const propertiesOf = (type: string, plan: Plan): Properties[] =>
  ofType(type, plan).map(({ body }) => body['properties'] as Properties);

describeCompiled('the durable backend', () => {
  const SETTING = 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING';

  test('is the storage account unless asked for otherwise', () => {
    expect(ofType('Microsoft.DurableTask/schedulers', mainPlan())).toEqual([]);
    expect(settingsOf(mainPlan())).not.toHaveProperty(SETTING);
    expect(mainPlan().outputs['DURABLE_BACKEND']).toBe('storage');
  });

  test('is Durable Task Scheduler with a task hub, settings and a role, by identity only', () => {
    const plan = mainPlan(EVERYTHING);
    expect(ofType('Microsoft.DurableTask/schedulers/taskHubs', plan).map(({ name }) => name)).toEqual([
      'dts-token/OrderSagaHub',
    ]);
    expect(settingsOf(plan)).toMatchObject({
      [SETTING]: expect.stringContaining('Authentication=ManagedIdentity;ClientID=') as unknown,
      TASKHUB_NAME: 'OrderSagaHub',
    });
    const onHub = ofType('Microsoft.Authorization/roleAssignments', plan).filter(
      ({ scope }) => scope === 'dts-token/taskHubs/OrderSagaHub',
    );
    const [deployer, app] = onHub
      .map(({ body }) => String((body['properties'] as Properties)['principalId']))
      .sort();
    expect([deployer, app]).toEqual([
      '[deployer().objectId]',
      expect.stringMatching(/id-api-token', .*\.principalId\]$/),
    ]);
    expect(plan.outputs['DURABLE_BACKEND']).toBe('scheduler');
  });
});

describeCompiled('what is paid for', () => {
  test('timers run as often as the parameters say, on Azure once a minute at most', () => {
    expect(settingsOf(mainPlan())).toMatchObject({
      OrderProcessing__ReconcileSchedule: '0 * * * * *',
      OrderProcessing__LookUpSchedule: '30 */5 * * * *',
      OrderProcessing__PurgeSchedule: '45 7 * * * *',
    });
    expect(settingsOf(mainPlan(EVERYTHING))['OrderProcessing__ReconcileSchedule']).toBe('*/10 * * * * *');
  });

  const accounts = 'Microsoft.DocumentDB/databaseAccounts';
  const throughputOf = (plan: Plan): unknown[] =>
    ofType(`${accounts}/sqlDatabases/containers`, plan).map(({ name, body }) => [
      name.split('/').at(-1),
      (body['properties'] as Properties)['options'],
    ]);

  test('Cosmos DB is serverless unless asked for otherwise', () => {
    expect(propertiesOf(accounts, mainPlan())[0]).toMatchObject({
      capabilities: [{ name: 'EnableServerless' }],
    });
    expect(propertiesOf(`${accounts}/sqlDatabases`, mainPlan())[0]).toMatchObject({ options: {} });
    expect(throughputOf(mainPlan())).toContainEqual(['orders', {}]);
  });

  test('autoscale gives the orders more than serverless does, and a throughput that nothing else takes from', () => {
    const plan = mainPlan(EVERYTHING);
    expect(propertiesOf(accounts, plan)[0]).toMatchObject({ capabilities: [] });
    expect(throughputOf(plan)).toContainEqual(['orders', { autoscaleSettings: { maxThroughput: 10_000 } }]);
    expect(throughputOf(plan)).toContainEqual(['customer-orders', {}]);
    expect(propertiesOf(`${accounts}/sqlDatabases`, plan)[0]).toMatchObject({
      options: { autoscaleSettings: { maxThroughput: 5_000 } },
    });
    // Serverless has 5,000 for each container.
    expect(() => mainPlan({ cosmosCapacity: 'autoscale', cosmosMaxThroughput: 1_000 })).toThrow('5000');
  });

  test('Event Grid out costs nothing until it is asked for, and then has the topic and the right to send', () => {
    const plan = mainPlan(EVERYTHING);
    expect(ofType('Microsoft.EventGrid/topics', plan).map(({ name }) => name)).toContain('evgt-orders-token');
    expect(settingsOf(plan)['OrderProcessing__EventGridTopicEndpoint']).toMatch(
      /evgt-orders-token.*endpoint\]$/,
    );
    const senders = ofType('Microsoft.Authorization/roleAssignments', plan).filter(
      ({ scope }) => scope === 'evgt-orders-token',
    );
    expect(senders).toHaveLength(1);
  });
});

describeCompiled('a release', () => {
  test('S21: begins new orders with the version of the saga that the parameter names', () => {
    expect(settingsOf(mainPlan())['OrderProcessing__SagaVersion']).toBe('');
    expect(settingsOf(mainPlan(EVERYTHING))['OrderProcessing__SagaVersion']).toBe('1');
  });
});

describeCompiled('the saga mode', () => {
  test('S17: has a subscription and a queue in choreography only, and the app is told', () => {
    const entities = (sagaMode: string): string[] =>
      mainPlan({ sagaMode })
        .resources.map(({ name }) => name)
        .filter((name) => /saga-(steps|timers)$/.test(name));
    expect(entities('orchestration')).toEqual([]);
    expect(entities('choreography').sort()).toEqual([
      'sb-token/order-events/saga-steps',
      'sb-token/saga-timers',
    ]);
    expect(settingsOf(mainPlan())['OrderProcessing__SagaMode']).toBe('orchestration');
    expect(settingsOf(mainPlan(EVERYTHING))['OrderProcessing__SagaMode']).toBe('choreography');
  });
});

describeCompiled('operators', () => {
  test('come in by a token in the vault, which whoever deploys can read and change', () => {
    const onVault = ofType('Microsoft.Authorization/roleAssignments', mainPlan()).filter(
      ({ scope }) => scope === 'kv-token',
    );
    expect(onVault.map(({ body }) => (body['properties'] as Properties)['principalId'])).toEqual([
      '[deployer().objectId]',
    ]);
    expect(mainPlan().outputs['KEY_VAULT_NAME']).toBe('kv-token');
  });

  test('sign in, where an app registration is given, and no secret is needed for it', () => {
    const signInOf = (plan: Plan): readonly PlannedResource[] =>
      plan.resources.filter(({ name }) => name === 'func-token/authsettingsV2');
    expect(signInOf(mainPlan())).toEqual([]);
    const plan = mainPlan(EVERYTHING);
    expect(signInOf(plan)[0]?.body['properties']).toMatchObject({
      // Health and webhooks ask for no token; the app refuses whoever brings none on all other routes.
      globalValidation: { requireAuthentication: false },
      identityProviders: { azureActiveDirectory: { registration: { clientId: EVERYTHING.signInClientId } } },
    });
    expect(settingsOf(plan)).toHaveProperty('OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID');
    expect(settingsOf(mainPlan())).not.toHaveProperty('OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID');
  });
});

describeCompiled('tenants', () => {
  const tenants = [{ id: 'acme', ratePerSecond: 50, topic: 'acme-order-events' }, { id: 'globex' }];

  test('are told to the app, which is `default` alone without the parameter', () => {
    const told = (plan: Plan): unknown => JSON.parse(settingsOf(plan)['OrderProcessing__Tenants'] ?? '');
    expect(told(mainPlan())).toEqual([{ id: 'default' }]);
    expect(told(mainPlan({ tenants }))).toEqual(tenants);
  });

  test('may have a topic of their own, to which the app may send', () => {
    const { resources } = mainPlan({ tenants });
    expect(resources.filter(({ name }) => name.endsWith('/acme-order-events'))).toHaveLength(1);
    expect(resources.some(({ scope }) => scope.endsWith('topics/acme-order-events'))).toBe(true);
  });
});

describeCompiled('callers', () => {
  test('must be signed in where sign-in is set up, unless keys are said to count too', () => {
    expect(settingsOf(mainPlan())['OrderProcessing__SignIn']).toBe('required');
    expect(settingsOf(mainPlan({ signInMode: 'optional' }))['OrderProcessing__SignIn']).toBe('optional');
  });
});

describeCompiled('options of a company', () => {
  const plan = mainPlan(EVERYTHING);

  test('vnetEnabled closes every service to the internet, and gives the app a private endpoint to each', () => {
    const closed = [
      ...['Microsoft.Storage/storageAccounts', 'Microsoft.ServiceBus/namespaces'],
      ...['Microsoft.DocumentDB/databaseAccounts', 'Microsoft.KeyVault/vaults'],
    ];
    for (const type of closed) {
      expect(propertiesOf(type, plan)).toEqual([
        expect.objectContaining({ publicNetworkAccess: 'Disabled' }),
      ]);
    }
    const sides = ofType('Microsoft.Network/privateEndpoints', plan).map(({ name }) => name);
    expect(sides.sort()).toEqual(
      ['blob', 'bus', 'cosmos', 'queue', 'table', 'topic', 'vault'].map((side) => `pe-${side}-token`),
    );
    expect(propertiesOf('Microsoft.Web/sites', plan)[0]?.['virtualNetworkSubnetId']).toMatch(/vnet-token/);
    expect(ofType('Microsoft.Network/virtualNetworks', mainPlan())).toEqual([]);
  });

  test('the inventory topic stays open: what sends to it may be outside the network', () => {
    const inventory = ofType('Microsoft.EventGrid/topics', plan).find(({ name }) =>
      name.includes('inventory'),
    );
    expect(inventory?.body['properties']).toMatchObject({
      publicNetworkAccess: 'Enabled',
      disableLocalAuth: true,
    });
  });

  test('vaultPurgeProtection keeps a deleted vault for 90 days, and without it nothing says that it is off', () => {
    expect(propertiesOf('Microsoft.KeyVault/vaults', plan)[0]).toMatchObject({
      enablePurgeProtection: true,
      softDeleteRetentionInDays: 90,
    });
    const [byDefault] = propertiesOf('Microsoft.KeyVault/vaults', mainPlan());
    expect(byDefault?.['enablePurgeProtection'] ?? null).toBeNull();
  });

  test('zoneRedundant spreads instances, storage and the order store over the zones', () => {
    expect(propertiesOf('Microsoft.Web/serverfarms', plan)[0]).toMatchObject({ zoneRedundant: true });
    expect(ofType('Microsoft.Storage/storageAccounts', plan)[0]?.body['sku']).toEqual({
      name: 'Standard_ZRS',
    });
    expect(propertiesOf('Microsoft.DocumentDB/databaseAccounts', plan)[0]).toMatchObject({
      locations: [{ isZoneRedundant: true }],
    });
  });

  test('Service Bus Premium has messaging units', () => {
    expect(ofType('Microsoft.ServiceBus/namespaces', plan)[0]?.body['sku']).toEqual({
      ...{ name: 'Premium', tier: 'Premium', capacity: 2 },
    });
  });

  test('scaling by queue length takes the right to manage the one queue, and only then', () => {
    const DATA_OWNER = '090c5cfd-751d-490a-894a-3ce6f1109419';
    const owned = (of: Plan): string[] =>
      ofType('Microsoft.Authorization/roleAssignments', of)
        .filter(({ body }) => JSON.stringify(body['properties']).includes(DATA_OWNER))
        .map(({ scope }) => scope);
    expect(owned(mainPlan())).toEqual([]);
    expect(owned(plan)).toEqual(['sb-token/queues/orders']);
  });
});

describeCompiled('parameters that do not go together', () => {
  const { paymentBaseUrl, ...otherUrls } = OWN_SERVICES;
  test.each([
    ['a URL is missing', otherUrls, 'Without simulators these are required: paymentBaseUrl.'],
    ['simulators and services of your own', { paymentBaseUrl }, 'exclude each other'],
    [
      'simulators in a network',
      { vnetEnabled: true, serviceBusSku: 'Premium' },
      'The simulators are for demos',
    ],
    [
      'a network with Service Bus Standard',
      { ...OWN_SERVICES, vnetEnabled: true },
      'Only Service Bus Premium',
    ],
  ])('are refused before anything is created: %s', (_what, parameters, message) => {
    expect(() => mainPlan(parameters)).toThrow(message);
  });
});
