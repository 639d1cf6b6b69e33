// Everything that `azd up` creates, in one resource group: one module per service, wired here. Who may do what stands
// beside the resource it is about. The simulators' container app is simulators.bicep: azd deploys it with its image.
// The subscriptions to the topics of the inventory and of the carriers are event-subscriptions.bicep: they are made after the code is deployed.
targetScope = 'subscription'

import { alwaysReadyType, eventSubscriptionType, tenantType } from 'modules/types.bicep'

@minLength(1)
@maxLength(64)
@description('Name of the azd environment; every name is made from it.')
param environmentName string

@minLength(1)
@description('Region; it must have Flex Consumption.')
param location string

@minValue(1)
@maxValue(2000)
@description('Deliveries of one message of the queue `orders`; the app is told the same number.')
param maxDeliveryCount int = 3

@description('Subscriptions of the topic `order-events`, one for each that somebody reads. Every event is paid for once more with each.')
param eventSubscriptions eventSubscriptionType[] = []

@description('Whether events of orders go to a topic of Event Grid too.')
param eventGridOut bool = false

@allowed(['Standard', 'Premium'])
@description('Standard is paid by message and takes 1,000 credits a second; Premium is paid by the hour and can be private.')
param serviceBusSku string = 'Standard'

@allowed([1, 2, 4, 8, 16])
@description('Messaging units, with Premium only.')
param serviceBusMessagingUnits int = 1

@description('Whether instances are added by the number of waiting orders, for which the app needs the right to manage its queue.')
param scaleByQueueLength bool = false

@allowed(['serverless', 'autoscale'])
@description('How Cosmos DB is paid: by request (5,000 request units a second for each container), or by the highest of the hour.')
param cosmosCapacity string = 'serverless'

@minValue(5000)
@description('With `autoscale` only: the highest request units a second of the orders. No less than without.')
param cosmosMaxThroughput int = 10000

@minValue(5000)
@description('With `autoscale` only: the highest request units a second that read models and leases share.')
param cosmosSharedMaxThroughput int = 5000

@allowed(['storage', 'scheduler'])
@description('Where orchestrations are kept: in the storage account, or in Durable Task Scheduler. The package must be made for the same; nothing moves from one to the other.')
param durableBackend string = 'storage'

@allowed(['Consumption', 'Dedicated'])
@description('How the scheduler is paid, with `scheduler` only.')
param schedulerSku string = 'Consumption'

@minValue(1)
@maxValue(3)
@description('Units of capacity, with a dedicated scheduler only.')
param schedulerCapacity int = 1

@description('Instances that are kept warm, by group of functions. Without any, nothing is paid for instances while nothing happens but the timers below.')
param alwaysReady alwaysReadyType[] = []

@minValue(40)
@maxValue(1000)
@description('The function app never has more instances.')
param maximumInstanceCount int = 100

@allowed([512, 2048, 4096])
@description('Memory of an instance, in MB. Every execution is paid by it.')
param instanceMemoryMB int = 2048

@description('When unfinished orders are looked for. Each run is paid for as a whole second.')
param reconcileSchedule string = '0 * * * * *'

@description('When failed and cancelled orders are looked up once more.')
param lookUpSchedule string = '30 */5 * * * *'

@description('When durable histories of orders that ended long ago are archived.')
param purgeSchedule string = '45 7 * * * *'

@allowed(['orchestration', 'choreography'])
@description('How the sagas of new orders run. Choreography has a subscription and a queue of its own, and costs more with every event (docs/choreography.md).')
param sagaMode string = 'orchestration'

@description('Version of the saga that new orders begin with; empty = the latest of the release. Set it to the version before while a release is rolled out (docs/saga-versions.md).')
param sagaVersion string = ''

@description('Client id of an app registration with the app role `operator`, with which operators sign in; empty = by token only.')
param signInClientId string = ''

@allowed(['required', 'optional'])
@description('With `signInClientId`: whether every caller must be signed in, or whoever has a function key is a service as well. Then nobody who signs in may have a key.')
param signInMode string = 'required'

@minLength(1)
@description('Whose orders are taken.')
param tenants tenantType[] = [{ id: 'default' }]

@secure()
@description('Bearer token of the operator routes, for the first deployment: it is kept in the vault, and later ones leave it as it is.')
param operatorToken string = newGuid()

@description('Whether the app goes out through a network of its own, to private endpoints only. Needs Service Bus Premium and services of your own.')
param vnetEnabled bool = false

@description('Addresses of that network.')
param vnetAddressPrefix string = '10.72.0.0/16'

@description('Whether everything is spread over the zones of the region; it must have them.')
param zoneRedundant bool = false

@description('Whether the vault, and with it every customer\'s personal data, is safe from purging for 90 days after it was deleted. On for production; it cannot be switched off again, and `azd down` leaves the name of the vault taken meanwhile.')
param vaultPurgeProtection bool = false

@description('Whether the simulated downstream services are deployed, for a demo; if not, the five URLs below are required.')
param deploySimulators bool = true

@description('Inventory service, without the simulators.')
param inventoryBaseUrl string = ''

@description('Promotion service, without the simulators.')
param promotionBaseUrl string = ''

@description('Payment service, without the simulators.')
param paymentBaseUrl string = ''

@description('Shipping service, without the simulators.')
param shippingBaseUrl string = ''

@description('Notification service, without the simulators.')
param notificationBaseUrl string = ''

@description('Address that every alert is sent to; empty: alerts are in the portal only.')
param alertEmail string = ''

@minValue(0)
@description('What a month may cost, in the currency of the subscription, before operators are told; 0: no budget.')
param monthlyBudget int = 0

@minValue(1)
@description('GB of log a day, after which nothing more is taken that day.')
param dailyLogGigabytes int = 5

@description('Services of your own, by the parameter that names each.')
var ownUrls = {
  inventoryBaseUrl: inventoryBaseUrl
  notificationBaseUrl: notificationBaseUrl
  paymentBaseUrl: paymentBaseUrl
  promotionBaseUrl: promotionBaseUrl
  shippingBaseUrl: shippingBaseUrl
}

@description('Parameters whose URL is missing.')
var missing = map(filter(items(ownUrls), url => empty(url.value)), url => url.key)

@description('What is wrong with the parameters together.')
var refusals = filter(
  [
    !deploySimulators && !empty(missing) ? 'Without simulators these are required: ${join(missing, ', ')}.' : ''
    deploySimulators && length(missing) < length(ownUrls)
      ? 'Simulators and URLs of your own exclude each other: set deploySimulators to false.'
      : ''
    vnetEnabled && deploySimulators
      ? 'The simulators are for demos and stand outside the network: set deploySimulators to false.'
      : ''
    vnetEnabled && serviceBusSku != 'Premium'
      ? 'Only Service Bus Premium has private endpoints: set serviceBusSku to Premium.'
      : ''
  ],
  refusal => !empty(refusal)
)

@description('Nothing is created when something is wrong.')
var groupName = empty(refusals) ? 'rg-${environmentName}' : fail(join(refusals, ' '))

@description('What makes names unique in Azure.')
var token = toLower(uniqueString(subscription().id, environmentName, location))

@description('By this tag azd finds what it has made.')
var tags = { 'azd-env-name': environmentName }

@description('Names of the two identities.')
var identityNames = { api: 'id-api-${token}', simulators: 'id-simulators-${token}' }

@description('The topic of the inventory.')
var inventoryTopicName = 'evgt-inventory-${token}'

@description('The topic of the carriers.')
var shippingTopicName = 'evgt-shipping-${token}'

@description('Only who knows it reaches the simulators. Entra ID makes the ids of an identity by chance, and who may see them may see the simulators too.')
var simulatorsPathPrefix = deploySimulators
  ? guid(simulatorsIdentity!.outputs.principalId, simulatorsIdentity!.outputs.clientId)
  : ''

@description('Address of the simulators; empty without them.')
var simulatorsUrl = deploySimulators ? '${simulatorsHost!.outputs.baseUrl}/${simulatorsPathPrefix}' : ''

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: groupName
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: { name: identityNames.api, location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    identityName: identityNames.api
    principalId: identity.outputs.principalId
    dailyLogGigabytes: dailyLogGigabytes
  }
}

module network 'modules/network.bicep' = if (vnetEnabled) {
  scope: group
  params: { token: token, location: location, tags: tags, addressPrefix: vnetAddressPrefix }
}

module inventoryTopic 'modules/event-grid-topic.bicep' = {
  scope: group
  params: {
    name: inventoryTopicName
    location: location
    tags: tags
    inputSchema: 'EventGridSchema'
    senderName: deploySimulators ? identityNames.simulators : ''
    senderPrincipalId: deploySimulators ? simulatorsIdentity!.outputs.principalId : ''
  }
}

module shippingTopic 'modules/event-grid-topic.bicep' = {
  scope: group
  params: {
    name: shippingTopicName
    location: location
    tags: tags
    inputSchema: 'EventGridSchema'
    senderName: deploySimulators ? identityNames.simulators : ''
    senderPrincipalId: deploySimulators ? simulatorsIdentity!.outputs.principalId : ''
  }
}

module ordersTopic 'modules/event-grid-topic.bicep' = if (eventGridOut) {
  scope: group
  params: {
    name: 'evgt-orders-${token}'
    location: location
    tags: tags
    inputSchema: 'CloudEventSchemaV1_0'
    senderName: identityNames.api
    senderPrincipalId: identity.outputs.principalId
    isPrivate: vnetEnabled
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    identityName: identityNames.api
    principalId: identity.outputs.principalId
    topicNames: [inventoryTopicName, shippingTopicName]
    topicPrincipalIds: [inventoryTopic.outputs.principalId, shippingTopic.outputs.principalId]
    zoneRedundant: zoneRedundant
    isPrivate: vnetEnabled
  }
}

module serviceBus 'modules/service-bus.bicep' = {
  scope: group
  params: {
    name: 'sb-${token}'
    location: location
    tags: tags
    identityName: identityNames.api
    principalId: identity.outputs.principalId
    sku: serviceBusSku
    messagingUnits: serviceBusMessagingUnits
    maxDeliveryCount: maxDeliveryCount
    eventSubscriptions: eventSubscriptions
    tenantTopics: map(filter(tenants, tenant => tenant.?topic != null), tenant => tenant.topic!)
    scaleByQueueLength: scaleByQueueLength
    isPrivate: vnetEnabled
  }
}

module choreography 'modules/choreography.bicep' = if (sagaMode == 'choreography') {
  scope: group
  params: {
    namespaceName: 'sb-${token}'
    identityName: identityNames.api
    principalId: identity.outputs.principalId
  }
  dependsOn: [serviceBus]
}

module cosmos 'modules/cosmos.bicep' = {
  scope: group
  params: {
    name: 'cosmos-${token}'
    location: location
    tags: tags
    identityName: identityNames.api
    principalId: identity.outputs.principalId
    capacity: cosmosCapacity
    maxThroughput: cosmosMaxThroughput
    sharedMaxThroughput: cosmosSharedMaxThroughput
    zoneRedundant: zoneRedundant
    isPrivate: vnetEnabled
  }
}

module scheduler 'modules/durable-scheduler.bicep' = if (durableBackend == 'scheduler') {
  scope: group
  params: {
    name: 'dts-${token}'
    location: location
    tags: tags
    identityName: identityNames.api
    principalId: identity.outputs.principalId
    clientId: identity.outputs.clientId
    sku: schedulerSku
    capacity: schedulerCapacity
  }
}

module keyVault 'modules/key-vault.bicep' = {
  scope: group
  params: {
    name: 'kv-${token}'
    location: location
    tags: tags
    identityName: identityNames.api
    principalId: identity.outputs.principalId
    operatorToken: operatorToken
    isPrivate: vnetEnabled
    isPurgeProtected: vaultPurgeProtection
  }
}

@description('What the app reaches by private endpoints.')
var privateServices = [
  { name: 'blob', side: 'blob', zone: 'privatelink.blob.${environment().suffixes.storage}' }
  { name: 'queue', side: 'queue', zone: 'privatelink.queue.${environment().suffixes.storage}' }
  { name: 'table', side: 'table', zone: 'privatelink.table.${environment().suffixes.storage}' }
  { name: 'bus', side: 'namespace', zone: 'privatelink.servicebus.windows.net' }
  { name: 'cosmos', side: 'Sql', zone: 'privatelink.documents.azure.com' }
  { name: 'vault', side: 'vault', zone: 'privatelink.vaultcore.azure.net' }
]

@description('Their resource ids, in the same order.')
var privateServiceIds = [
  storage.outputs.id
  storage.outputs.id
  storage.outputs.id
  serviceBus.outputs.id
  cosmos.outputs.id
  keyVault.outputs.id
]

module privateEndpoints 'modules/private-endpoint.bicep' = [
  for (service, index) in privateServices: if (vnetEnabled) {
    scope: group
    params: {
      name: 'pe-${service.name}-${token}'
      location: location
      tags: tags
      networkId: network!.outputs.id
      subnetId: network!.outputs.endpointsSubnetId
      serviceId: privateServiceIds[index]
      groupId: service.side
      zoneName: service.zone
    }
  }
]

module ordersTopicEndpoint 'modules/private-endpoint.bicep' = if (vnetEnabled && eventGridOut) {
  scope: group
  params: {
    name: 'pe-topic-${token}'
    location: location
    tags: tags
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointsSubnetId
    serviceId: ordersTopic!.outputs.id
    groupId: 'topic'
    zoneName: 'privatelink.eventgrid.azure.net'
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    serviceBusId: serviceBus.outputs.id
    cosmosId: cosmos.outputs.id
    email: alertEmail
    monthlyBudget: monthlyBudget
    topicMaxMegabytes: serviceBus.outputs.topicMaxMegabytes
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    serviceBusId: serviceBus.outputs.id
  }
}

module diagnostics 'modules/diagnostics.bicep' = {
  scope: group
  dependsOn: [serviceBus, cosmos]
  // Names that are known beforehand: a module cannot attach to a resource by an output.
  params: {
    workspaceId: monitoring.outputs.workspaceId
    serviceBusName: 'sb-${token}'
    cosmosName: 'cosmos-${token}'
  }
}

module simulatorsIdentity 'modules/identity.bicep' = if (deploySimulators) {
  scope: group
  params: { name: identityNames.simulators, location: location, tags: tags }
}

module simulatorsHost 'modules/simulators-host.bicep' = if (deploySimulators) {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    identityName: identityNames.simulators
    principalId: simulatorsIdentity!.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module api 'modules/function-app.bicep' = {
  scope: group
  // Else the app would start before it can reach anything.
  dependsOn: [privateEndpoints]
  params: {
    token: token
    location: location
    tags: tags
    identityId: identity.outputs.id
    clientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    traceLink: monitoring.outputs.traceLink
    alwaysReady: alwaysReady
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    zoneRedundant: zoneRedundant
    subnetId: vnetEnabled ? network!.outputs.functionsSubnetId : ''
    signInClientId: signInClientId
    orderSettings: union(
      {
        ServiceBusConnection__fullyQualifiedNamespace: serviceBus.outputs.fullyQualifiedNamespace
        OrderProcessing__OrdersQueue: serviceBus.outputs.ordersQueue
        OrderProcessing__OrderFailuresQueue: serviceBus.outputs.orderFailuresQueue
        OrderProcessing__CustomerNotificationsQueue: serviceBus.outputs.customerNotificationsQueue
        OrderProcessing__OrderEventsTopic: serviceBus.outputs.orderEventsTopic
        OrderProcessing__ExportUrl: storage.outputs.exportsEndpoint
        OrderProcessing__MaxDeliveryCount: string(maxDeliveryCount)
        CosmosConnection__accountEndpoint: cosmos.outputs.endpoint
        OrderProcessing__CosmosDatabaseName: cosmos.outputs.databaseName
        OrderProcessing__CosmosContainerName: cosmos.outputs.ordersContainer
        OrderProcessing__EventGridTopicEndpoint: eventGridOut ? ordersTopic!.outputs.endpoint : ''
        OrderProcessing__OperatorToken: keyVault.outputs.operatorTokenReference
        OrderProcessing__EncryptionKey: keyVault.outputs.encryptionKey
        // With a space before it: a text in brackets is an expression to the resource manager.
        OrderProcessing__Tenants: ' ${string(tenants)}'
        OrderProcessing__SignIn: signInMode
        OrderProcessing__SagaMode: sagaMode
        OrderProcessing__SagaVersion: sagaVersion
        OrderProcessing__ReconcileSchedule: reconcileSchedule
        OrderProcessing__LookUpSchedule: lookUpSchedule
        OrderProcessing__PurgeSchedule: purgeSchedule
        InventoryService__BaseUrl: deploySimulators ? '${simulatorsUrl}/inventory' : inventoryBaseUrl
        PromotionService__BaseUrl: deploySimulators ? '${simulatorsUrl}/promotions' : promotionBaseUrl
        PaymentService__BaseUrl: deploySimulators ? '${simulatorsUrl}/payments' : paymentBaseUrl
        ShippingService__BaseUrl: deploySimulators ? '${simulatorsUrl}/shipping' : shippingBaseUrl
        NotificationService__BaseUrl: deploySimulators ? '${simulatorsUrl}/notifications' : notificationBaseUrl
      },
      durableBackend == 'scheduler' ? scheduler!.outputs.settings : {}
    )
  }
}

@description('Region.')
output AZURE_LOCATION string = location

@description('Everything is in it.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The function app.')
output AZURE_FUNCTION_APP_NAME string = api.outputs.name

@description('Address of the API.')
output API_URL string = api.outputs.url

@description('Says whether the app is well.')
output HEALTH_URL string = '${api.outputs.url}/api/health'

@description('The pages for operators, and the demo shop.')
output CONSOLE_URL string = '${api.outputs.url}/api/ui'

@description('The operator\'s token is its secret `operator-token`.')
output KEY_VAULT_NAME string = keyVault.outputs.name

@description('The hook `prepackage` makes the package for it.')
output DURABLE_BACKEND string = durableBackend

@description('Where events of orders are posted; empty where they are not.')
output EVENT_GRID_TOPIC_ENDPOINT string = eventGridOut ? ordersTopic!.outputs.endpoint : ''

@description('The hook `postdeploy` makes the app\'s subscriptions to it.')
output INVENTORY_TOPIC_NAME string = inventoryTopic.outputs.name

@description('Where events of the inventory are posted.')
output INVENTORY_TOPIC_ENDPOINT string = inventoryTopic.outputs.endpoint

@description('The hook `postdeploy` makes the app\'s subscription to it.')
output SHIPPING_TOPIC_NAME string = shippingTopic.outputs.name

@description('Where carriers post their news of parcels.')
output SHIPPING_TOPIC_ENDPOINT string = shippingTopic.outputs.endpoint

@description('What Event Grid cannot deliver is in its container `event-dead-letters`.')
output STORAGE_ACCOUNT_NAME string = storage.outputs.name

@description('azd pushes the image of the simulators there; empty without them.')
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = deploySimulators ? simulatorsHost!.outputs.registryEndpoint : ''

@description('infra/simulators.bicep runs there; empty without them.')
output SIMULATORS_ENVIRONMENT_ID string = deploySimulators ? simulatorsHost!.outputs.environmentId : ''

@description('infra/simulators.bicep pulls its image and sends events with it; empty without them.')
output SIMULATORS_IDENTITY_ID string = deploySimulators ? simulatorsIdentity!.outputs.id : ''

@description('Client id of that identity; empty without them.')
output SIMULATORS_CLIENT_ID string = deploySimulators ? simulatorsIdentity!.outputs.clientId : ''

@description('First part of every path of the simulators; empty without them.')
output SIMULATORS_PATH_PREFIX string = simulatorsPathPrefix

@description('Address of the simulators; empty without them.')
output SIMULATORS_URL string = simulatorsUrl
