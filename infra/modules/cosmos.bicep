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

@description('Paths that queries of the app ask for, by container: no other is indexed, as each costs units at every write. Those without are read by id only.')
var indexedPaths = {
  orders: [
    'kind'
    'tenantId'
    'orderId'
    'customerId'
    'customerKey'
    'correlationId'
    'trackingId'
    'payments/[]/transactionId'
    'type'
    'sequence'
    'occurredAt'
    'createdAt'
    'updatedAt'
    'status'
    'ended'
    'notBefore'
    'cancelRequestedAt'
    'returnsDueAt'
    'openReturns'
    'file'
    'saga/needsIntervention'
  ]
  'customer-orders': ['customerKey', 'status', 'createdAt', 'changedAt', 'needsIntervention']
  'daily-stats': ['tenantId', 'day', 'newestAt']
  inventory: []
  operations: ['tenantId', 'action', 'at', 'kind', 'page', 'operation/tenantId', 'operation/startedAt']
  keys: ['tenantId', 'customerId', 'wrappedBy', 'isErasing', 'hasErasures']
  inbox: []
  parking: ['tenantId', 'parkedAt']
  'saga-archive': []
  leases: []
}

@description('The lists that are read models are newest first with ties broken by id: two sort keys want a composite index.')
var newestFirst = [
  [
    { path: '/createdAt', order: 'descending' }
    { path: '/id', order: 'ascending' }
  ]
]

@description('As the design has them. -1: nothing expires but what says so itself, as the marks of counted events do.')
var definitions = [
  { id: 'orders', key: '/orderId', more: {} }
  { id: 'customer-orders', key: '/customerKey', more: {} }
  { id: 'daily-stats', key: '/dayShard', more: { defaultTtl: -1 } }
  { id: 'inventory', key: '/productId', more: {} }
  { id: 'operations', key: '/subject', more: {} }
  { id: 'keys', key: '/subject', more: {} }
  { id: 'inbox', key: '/id', more: { defaultTtl: weekInSeconds } }
  { id: 'parking', key: '/source', more: { defaultTtl: quarterInSeconds } }
  { id: 'saga-archive', key: '/id', more: {} }
  { id: 'leases', key: '/id', more: {} }
]

@description('The containers with their indexing policies. `id` and `_ts` are indexed whatever a policy says: leases are found by the beginning of their ids.')
var containers = [
  for definition in definitions: union(
    {
      id: definition.id
      partitionKey: { paths: [definition.key], kind: 'Hash', version: 2 }
      indexingPolicy: union(
        {
          indexingMode: 'consistent'
          includedPaths: map(indexedPaths[definition.id], path => { path: '/${path}/?' })
          excludedPaths: [{ path: '/*' }]
        },
        definition.id == 'customer-orders' ? { compositeIndexes: newestFirst } : {}
      )
    },
    definition.more
  )
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
