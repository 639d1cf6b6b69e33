// Cosmos DB: the order store, its read models, and the leases of those who read its change feed. The app may read and
// write items in each container, which is granted container by container; it can neither make nor drop one.
import { tagsType } from 'types.bicep'

@description('Name of the account.')
param name string

@description('Region.')
param location string

@description('Tags of each resource that takes them.')
param tags tagsType

@description('Name of the app\'s identity; names of role assignments are made from it.')
param identityName string

@description('The app, which reads and writes items.')
param principalId string

@description('How it is paid.')
@allowed(['serverless', 'autoscale'])
param capacity string

@description('With `autoscale` only: the highest request units a second of the orders and their events.')
param maxThroughput int

@description('With `autoscale` only: the highest request units a second that all other containers share.')
param sharedMaxThroughput int

@description('Whether it is spread over the zones of the region.')
param zoneRedundant bool

@description('Whether it can be reached by private endpoints only.')
param isPrivate bool

@description('Whether it is paid by request.')
var serverless = capacity == 'serverless'

@description('Cosmos DB Built-in Data Contributor.')
var dataContributor = '00000000-0000-0000-0000-000000000002'

@description('Seconds of a week.')
var weekInSeconds = 604800

@description('Seconds of 90 days.')
var quarterInSeconds = 7776000

@description('Everything is indexed but what no query asks for: how an order is paid (apart from the ids of its charges, which operators search by) and sent, and what travels inside its events, the lines among it.')
var ordersIndexing = {
  indexingMode: 'consistent'
  includedPaths: [{ path: '/*' }, { path: '/payments/[]/transactionId/?' }]
  excludedPaths: [
    { path: '/payments/*' }
    { path: '/shippingAddress/*' }
    { path: '/data/*' }
    { path: '/head/*' }
    { path: '/"_etag"/?' }
  ]
}

@description('The same for the lists that are read models. They are newest first with ties broken by id: two sort keys want a composite index.')
var readModelIndexing = {
  indexingMode: 'consistent'
  includedPaths: [{ path: '/*' }]
  excludedPaths: [{ path: '/items/*' }, { path: '/"_etag"/?' }]
  compositeIndexes: [
    [
      { path: '/createdAt', order: 'descending' }
      { path: '/id', order: 'ascending' }
    ]
  ]
}

@description('Read by id only.')
var noIndexing = {
  indexingMode: 'consistent'
  includedPaths: []
  excludedPaths: [{ path: '/*' }]
}

@description('As the design has them.')
var containers = [
  { id: 'orders', partitionKey: { paths: ['/orderId'], kind: 'Hash', version: 2 }, indexingPolicy: ordersIndexing }
  {
    id: 'customer-orders'
    partitionKey: { paths: ['/customerKey'], kind: 'Hash', version: 2 }
    indexingPolicy: readModelIndexing
  }
  // -1: nothing expires but what says so itself, as the markers of counted events do.
  { id: 'daily-stats', partitionKey: { paths: ['/dayShard'], kind: 'Hash', version: 2 }, defaultTtl: -1 }
  { id: 'inventory', partitionKey: { paths: ['/productId'], kind: 'Hash', version: 2 } }
  { id: 'operations', partitionKey: { paths: ['/subject'], kind: 'Hash', version: 2 } }
  { id: 'keys', partitionKey: { paths: ['/subject'], kind: 'Hash', version: 2 } }
  {
    id: 'inbox'
    partitionKey: { paths: ['/id'], kind: 'Hash', version: 2 }
    defaultTtl: weekInSeconds
    indexingPolicy: noIndexing
  }
  { id: 'parking', partitionKey: { paths: ['/source'], kind: 'Hash', version: 2 }, defaultTtl: quarterInSeconds }
  { id: 'saga-archive', partitionKey: { paths: ['/id'], kind: 'Hash', version: 2 }, indexingPolicy: noIndexing }
  { id: 'leases', partitionKey: { paths: ['/id'], kind: 'Hash', version: 2 } }
]

resource account 'Microsoft.DocumentDB/databaseAccounts@2026-03-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    locations: [{ locationName: location, failoverPriority: 0, isZoneRedundant: zoneRedundant }]
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    consistencyPolicy: { defaultConsistencyLevel: 'Session' }
    capabilities: serverless ? [{ name: 'EnableServerless' }] : []
    backupPolicy: { type: 'Continuous', continuousModeProperties: { tier: 'Continuous7Days' } }
    minimalTlsVersion: 'Tls12'
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2026-03-15' = {
  parent: account
  name: 'orders-db'
  properties: {
    resource: { id: 'orders-db' }
    options: serverless ? {} : { autoscaleSettings: { maxThroughput: sharedMaxThroughput } }
  }
}

// One after the other, here and below: an account refuses a change while another one is under way.
@batchSize(1)
resource collections 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2026-03-15' = [
  for container in containers: {
    parent: database
    name: container.id
    properties: {
      resource: container
      // The orders have a throughput of their own: lists and leases cannot take it from the saga.
      options: serverless || container.id != 'orders' ? {} : { autoscaleSettings: { maxThroughput: maxThroughput } }
    }
  }
]

@batchSize(1)
resource usesItems 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2026-03-15' = [
  for (container, index) in containers: {
    parent: account
    name: guid(account.id, identityName, container.id)
    properties: {
      principalId: principalId
      roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
      scope: '${account.id}/dbs/${database.name}/colls/${collections[index].name}'
    }
  }
]

@description('Resource id of the account.')
output id string = account.id

@description('Endpoint of the account.')
output endpoint string = account.properties.documentEndpoint

@description('Name of the database.')
output databaseName string = database.name

@description('Container of orders and their events.')
output ordersContainer string = collections[0].name
