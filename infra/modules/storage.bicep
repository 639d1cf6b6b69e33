// The function app's own storage: its package, the host's locks and keys, the task hub of Durable Functions; and what
// Event Grid cannot deliver. The host makes containers, queues and tables itself, so its roles are for the whole account.
import { roles } from 'roles.bicep'
import { tagsType } from 'types.bicep'

@description('Name of the storage account.')
param name string

@description('Region.')
param location string

@description('Tags of the account.')
param tags tagsType

@description('Name of the app\'s identity; names of role assignments are made from it.')
param identityName string

@description('The app, which uses all of it.')
param principalId string

@description('Names of the topics of Event Grid that write what they cannot deliver.')
param topicNames string[]

@description('Those topics\' identities, in the same order.')
param topicPrincipalIds string[]

@description('Whether it is copied to three zones of the region.')
param zoneRedundant bool

@description('Whether it can be reached by private endpoints only.')
param isPrivate bool

@description('Roles of the Functions host and of the Durable extension.')
var usedByHostAndDurable = [
  roles.storageBlobDataOwner
  roles.storageQueueDataContributor
  roles.storageTableDataContributor
]

resource account 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS' }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    // Event Grid is among the services of Azure that are let through, by their roles.
    networkAcls: { bypass: 'AzureServices', defaultAction: isPrivate ? 'Deny' : 'Allow' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2026-04-01' = {
  parent: account
  name: 'default'
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-04-01' = {
  parent: blobs
  name: 'packages'
}

resource exports 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-04-01' = {
  parent: blobs
  name: 'order-exports'
}

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-04-01' = {
  parent: blobs
  name: 'event-dead-letters'
}

resource usesStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in usedByHostAndDurable: {
    name: guid(account.id, identityName, role)
    scope: account
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource writesDeadLetters 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (topicName, index) in topicNames: {
    name: guid(deadLetters.id, topicName, roles.storageBlobDataContributor)
    scope: deadLetters
    properties: {
      principalId: topicPrincipalIds[index]
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId(
        'Microsoft.Authorization/roleDefinitions',
        roles.storageBlobDataContributor
      )
    }
  }
]

@description('Resource id of the account.')
output id string = account.id

@description('Name of the account, by which the host finds it.')
output name string = account.name

@description('Where events and histories of old orders go.')
output exportsEndpoint string = '${account.properties.primaryEndpoints.blob}${exports.name}'

@description('Where the app\'s package lies.')
output deploymentContainerUrl string = '${account.properties.primaryEndpoints.blob}${packages.name}'
