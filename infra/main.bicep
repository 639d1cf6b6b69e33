// Everything that `azd up` creates, in one resource group: one module per service, wired here. Who may do what stands
// beside the resource it is about. The simulators' container app is simulators.bicep: azd deploys it with its image.
targetScope = 'subscription'

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

@allowed(['serverless', 'autoscale'])
@description('How Cosmos DB is paid: by request, or by the highest of the hour with `cosmosMaxThroughput` as the limit.')
param cosmosCapacity string = 'serverless'

@minValue(1000)
@description('Request units a second that the containers share, with `autoscale` only.')
param cosmosMaxThroughput int = 1000

@minValue(0)
@description('Instances that are kept warm for the saga; 0 costs nothing while nothing happens.')
param alwaysReadyDurable int = 0

@minValue(40)
@maxValue(1000)
@description('The function app never has more instances.')
param maximumInstanceCount int = 100

@description('Whether the simulated downstream services are deployed; if not, the three URLs below are required.')
param deploySimulators bool = true

@description('Inventory service, without the simulators.')
param inventoryBaseUrl string = ''

@description('Payment service, without the simulators.')
param paymentBaseUrl string = ''

@description('Shipping service, without the simulators.')
param shippingBaseUrl string = ''

@description('Notification service, without the simulators.')
param notificationBaseUrl string = ''

@description('What makes names unique in Azure.')
var token = toLower(uniqueString(subscription().id, environmentName, location))

@description('By this tag azd finds what it has made.')
var tags = { 'azd-env-name': environmentName }

@description('Names of the two identities.')
var identityNames = { api: 'id-api-${token}', simulators: 'id-simulators-${token}' }

@description('Address of the simulators; empty without them.')
var simulatorsUrl = deploySimulators ? simulatorsHost!.outputs.baseUrl : ''

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
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
    maxDeliveryCount: maxDeliveryCount
  }
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
  }
}

module eventGrid 'modules/event-grid.bicep' = {
  scope: group
  params: {
    name: 'evgt-${token}'
    location: location
    tags: tags
    identityName: identityNames.api
    principalId: identity.outputs.principalId
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
  params: {
    token: token
    location: location
    tags: tags
    identityId: identity.outputs.id
    clientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    alwaysReadyDurable: alwaysReadyDurable
    maximumInstanceCount: maximumInstanceCount
    orderSettings: {
      ServiceBusConnection__fullyQualifiedNamespace: serviceBus.outputs.fullyQualifiedNamespace
      OrderProcessing__OrdersQueue: serviceBus.outputs.ordersQueue
      OrderProcessing__OrderFailuresQueue: serviceBus.outputs.orderFailuresQueue
      OrderProcessing__MaxDeliveryCount: string(maxDeliveryCount)
      CosmosConnection__accountEndpoint: cosmos.outputs.endpoint
      OrderProcessing__CosmosDatabaseName: cosmos.outputs.databaseName
      OrderProcessing__CosmosContainerName: cosmos.outputs.ordersContainer
      InventoryService__BaseUrl: deploySimulators ? '${simulatorsUrl}/inventory' : inventoryBaseUrl
      PaymentService__BaseUrl: deploySimulators ? '${simulatorsUrl}/payments' : paymentBaseUrl
      ShippingService__BaseUrl: deploySimulators ? '${simulatorsUrl}/shipping' : shippingBaseUrl
      NotificationService__BaseUrl: deploySimulators ? '${simulatorsUrl}/notifications' : notificationBaseUrl
      OrderProcessing__OrderEventsTopic: serviceBus.outputs.orderEventsTopic
      OrderProcessing__EventGridTopicEndpoint: eventGrid.outputs.endpoint
    }
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

@description('Where events of orders are posted.')
output EVENT_GRID_TOPIC_ENDPOINT string = eventGrid.outputs.endpoint

@description('azd pushes the image of the simulators there; empty without them.')
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = deploySimulators ? simulatorsHost!.outputs.registryEndpoint : ''

@description('infra/simulators.bicep runs there; empty without them.')
output SIMULATORS_ENVIRONMENT_ID string = deploySimulators ? simulatorsHost!.outputs.environmentId : ''

@description('infra/simulators.bicep pulls its image with it; empty without them.')
output SIMULATORS_IDENTITY_ID string = deploySimulators ? simulatorsIdentity!.outputs.id : ''

@description('Address of the simulators; empty without them.')
output SIMULATORS_URL string = simulatorsUrl
