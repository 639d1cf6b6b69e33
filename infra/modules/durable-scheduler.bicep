// Durable Task Scheduler with its task hub: the durable backend instead of the storage account. By identity only.
import { roles } from 'roles.bicep'
import { settingsType, tagsType } from 'types.bicep'

@description('Name of the scheduler.')
param name string

@description('Region; it must have Durable Task Scheduler.')
param location string

@description('Tags of the scheduler.')
param tags tagsType

@description('Name of the app\'s identity; names of role assignments are made from it.')
param identityName string

@description('The app, whose orchestrations run there.')
param principalId string

@description('Client id of the app\'s identity.')
param clientId string

@description('`Consumption` (500 actions a second) or `Dedicated` (2,000 for each unit of capacity).')
@allowed(['Consumption', 'Dedicated'])
param sku string

@description('Units of capacity, with `Dedicated` only.')
param capacity int

resource scheduler 'Microsoft.DurableTask/schedulers@2025-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: sku == 'Dedicated' ? { name: sku, capacity: capacity } : { name: sku }
    // Whoever comes needs a role all the same; there are no keys.
    ipAllowlist: ['0.0.0.0/0']
  }
}

resource taskHub 'Microsoft.DurableTask/schedulers/taskHubs@2025-11-01' = {
  parent: scheduler
  name: 'OrderSagaHub'
  properties: {}
}

resource usesTaskHub 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(taskHub.id, identityName, roles.durableTaskDataContributor)
  scope: taskHub
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.durableTaskDataContributor
    )
  }
}

// The dashboard of the task hub.
resource looksAtTaskHub 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(taskHub.id, deployer().objectId, roles.durableTaskDataContributor)
  scope: taskHub
  properties: {
    principalId: deployer().objectId
    principalType: empty(deployer().userPrincipalName) ? 'ServicePrincipal' : 'User'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.durableTaskDataContributor
    )
  }
}

@description('What host.json of the package for this backend asks for.')
output settings settingsType = {
  DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${scheduler.properties.endpoint};Authentication=ManagedIdentity;ClientID=${clientId}'
  TASKHUB_NAME: taskHub.name
}
