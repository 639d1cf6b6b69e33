// The function app's own storage: its package, the host's locks and keys, the task hub of Durable Functions. Nothing
// else uses this account, so the roles are for the whole of it: the host makes containers, queues and tables itself.
import { roles } from 'roles.bicep'
import { tagsType } from 'types.bicep'

@description('Name of the storage account.')
param name string

@description('Region.')
param location string

@description('Tags of each resource that takes them.')
param tags tagsType

@description('Name of the app\'s identity; names of role assignments are made from it.')
param identityName string

@description('The app\'s identity, which uses all of it.')
param principalId string

resource account 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
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

@description('Roles of the Functions host and of the Durable extension.')
var usedByHostAndDurable = [
  roles.storageBlobDataOwner
  roles.storageQueueDataContributor
  roles.storageTableDataContributor
]

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

@description('Name of the account, by which the host finds it.')
output name string = account.name

@description('Where the app\'s package lies.')
output deploymentContainerUrl string = '${account.properties.primaryEndpoints.blob}${packages.name}'
