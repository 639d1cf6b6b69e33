// Access to what infra/main.bicep would deploy: no keys, and which identity has which role where.
import {
  at,
  compiled,
  describeCompiled,
  EVERYTHING,
  mainPlan,
  ofType,
  only,
  type Properties,
} from '../support/infra';

const ACCOUNT = 'Microsoft.DocumentDB/databaseAccounts/cosmos-token';
const APP_IDENTITY = 'Microsoft.ManagedIdentity/userAssignedIdentities/id-api-token';

/** What keeps callers without an Entra ID token out, by type. */
const KEYLESS: Readonly<Record<string, readonly [property: string, value: unknown]>> = {
  'Microsoft.App/managedEnvironments': ['properties.appLogsConfiguration', { destination: 'azure-monitor' }],
  'Microsoft.ContainerRegistry/registries': ['properties.adminUserEnabled', false],
  'Microsoft.DocumentDB/databaseAccounts': ['properties.disableLocalAuth', true],
  'Microsoft.EventGrid/topics': ['properties.disableLocalAuth', true],
  'Microsoft.KeyVault/vaults': ['properties.enableRbacAuthorization', true],
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
  ...['Microsoft.DurableTask/schedulers', 'Microsoft.DurableTask/schedulers/taskHubs'],
  ...['Microsoft.KeyVault/vaults/keys', 'Microsoft.KeyVault/vaults/secrets'],
  'Microsoft.Network/virtualNetworks',
  ...['Microsoft.Network/privateEndpoints', 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups'],
  ...['Microsoft.Network/privateDnsZones', 'Microsoft.Network/privateDnsZones/virtualNetworkLinks'],
  ...['Microsoft.Consumption/budgets', 'Microsoft.Insights/actionGroups'],
  ...['Microsoft.Insights/diagnosticSettings'],
  ...['Microsoft.Insights/metricAlerts', 'Microsoft.Insights/scheduledQueryRules'],
  ...['Microsoft.Insights/workbooks', 'Microsoft.ManagedIdentity/userAssignedIdentities'],
  ...['Microsoft.Resources/resourceGroups', 'Microsoft.ServiceBus/namespaces/queues'],
  ...['Microsoft.ServiceBus/namespaces/topics', 'Microsoft.ServiceBus/namespaces/topics/subscriptions'],
  ...['Microsoft.ServiceBus/namespaces/topics/subscriptions/rules'],
  ...['Microsoft.Storage/storageAccounts/blobServices'],
  ...['Microsoft.Storage/storageAccounts/blobServices/containers'],
  ...['Microsoft.Web/serverfarms', 'Microsoft.Web/sites', 'Microsoft.Web/sites/config'],
];

/** What is deployed by itself; the rest are their modules. */
const ENTRY_POINTS = ['main.bicep', 'simulators.bicep', 'event-subscriptions.bicep'];

describeCompiled('keys', () => {
  test.each(Object.entries(KEYLESS))('open nothing of %s', (type, [property, value]) => {
    expect(ofType(type).length).toBeGreaterThan(0);
    for (const { body } of ofType(type)) expect(at(body, property)).toEqual(value);
  });

  test('are decided on for every type of resource there is', () => {
    const decided = new Set([...Object.keys(KEYLESS), ...WITHOUT_KEYS]);
    const all = [...mainPlan().resources, ...mainPlan(EVERYTHING).resources];
    expect(all.map(({ type }) => type).filter((type) => !decided.has(type))).toEqual([]);
  });

  test('are asked for by no template; the one secret that goes in ends up in the vault', () => {
    for (const file of ENTRY_POINTS) {
      const text = JSON.stringify(compiled(file).template);
      expect(text).not.toMatch(/\blist[A-Z]\w*\(|getSecret/);
      const secrets = [...text.matchAll(/"(\w+)":\{"type":"secure\w+"/g)].map((match) => match[1]);
      expect(new Set(secrets)).toEqual(new Set(file === 'main.bicep' ? ['operatorToken'] : []));
    }
    const holding = mainPlan().resources.filter(({ body }) => JSON.stringify(body).includes('newGuid()'));
    expect(holding.map(({ name }) => name)).toEqual(['kv-token/operator-token']);
  });
});

/** Who has this object id, which only the deployment knows. */
function grantee(principalId: string): string {
  if (principalId === '[deployer().objectId]') return 'who deploys';
  if (/topics\/evgt-shipping-token', .*\.principalId\]$/.test(principalId)) return 'the shipping topic';
  if (/topics\/evgt-inventory-token', .*\.principalId\]$/.test(principalId)) return 'the inventory topic';
  return /userAssignedIdentities\/(id-\w+)-token', .*\.principalId\]$/.exec(principalId)?.[1] ?? principalId;
}

describeCompiled('roles', () => {
  const { roles } = compiled('modules/roles.bicep').template['variables'] as { roles: Properties };
  const nameOf = (id: unknown): string =>
    Object.keys(roles).find((name) => String(id).endsWith(`/${String(roles[name])}`)) ??
    `${String(id)}, which roles.bicep does not name`;
  const granted = ofType('Microsoft.Authorization/roleAssignments').map(({ body, scope }) => {
    const { principalId, roleDefinitionId } = body['properties'] as Properties;
    return `${grantee(String(principalId))}: ${nameOf(roleDefinitionId)} on ${scope}`;
  });

  test('are these and no more', () => {
    expect([...granted].sort()).toEqual([
      'id-api: keyVaultCryptoServiceEncryptionUser on kv-token/keys/personal-data',
      'id-api: keyVaultSecretsUser on kv-token/secrets/operator-token',
      'id-api: monitoringMetricsPublisher on appi-token',
      'id-api: serviceBusDataReceiver on sb-token/queues/customer-notifications',
      'id-api: serviceBusDataReceiver on sb-token/queues/orders',
      'id-api: serviceBusDataSender on sb-token/queues/customer-notifications',
      'id-api: serviceBusDataSender on sb-token/queues/order-failures',
      'id-api: serviceBusDataSender on sb-token/queues/orders',
      'id-api: serviceBusDataSender on sb-token/topics/order-events',
      'id-api: storageBlobDataOwner on sttoken',
      'id-api: storageQueueDataContributor on sttoken',
      'id-api: storageTableDataContributor on sttoken',
      'id-simulators: acrPull on crtoken',
      'id-simulators: eventGridDataSender on evgt-inventory-token',
      'id-simulators: eventGridDataSender on evgt-shipping-token',
      'the inventory topic: storageBlobDataContributor on sttoken/blobServices/default/containers/event-dead-letters',
      'the shipping topic: storageBlobDataContributor on sttoken/blobServices/default/containers/event-dead-letters',
      'who deploys: keyVaultSecretsOfficer on kv-token',
    ]);
  });

  test('in the saga mode choreography let the app receive what wakes sagas, and send retries to itself', () => {
    const more = ofType('Microsoft.Authorization/roleAssignments', mainPlan({ sagaMode: 'choreography' }))
      .map(({ body, scope }) => {
        const { principalId, roleDefinitionId } = body['properties'] as Properties;
        return `${grantee(String(principalId))}: ${nameOf(roleDefinitionId)} on ${scope}`;
      })
      .filter((grant) => !granted.includes(grant));
    expect(more.sort()).toEqual([
      'id-api: serviceBusDataReceiver on sb-token/queues/saga-timers',
      'id-api: serviceBusDataReceiver on sb-token/topics/order-events/subscriptions/saga-steps',
      'id-api: serviceBusDataSender on sb-token/queues/saga-timers',
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
