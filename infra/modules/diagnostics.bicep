// Diagnostic settings: what the services log beside their metrics, which is changes of their settings and refused
// connections. Not every request: a log line for each operation of Cosmos DB or of the storage account costs more than
// the operation.
@description('Resource id of the workspace that takes the logs.')
param workspaceId string

@description('Name of the Service Bus namespace.')
param serviceBusName string

@description('Name of the Cosmos DB account.')
param cosmosName string

resource serviceBus 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: serviceBusName
}

resource cosmos 'Microsoft.DocumentDB/databaseAccounts@2026-03-15' existing = {
  name: cosmosName
}

#disable-next-line use-recent-api-versions // The one stable version is of 2016.
resource ofServiceBus 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'service-bus-log'
  scope: serviceBus
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'OperationalLogs', enabled: true }]
  }
}

#disable-next-line use-recent-api-versions // The one stable version is of 2016.
resource ofCosmos 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'cosmos-log'
  scope: cosmos
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [{ category: 'ControlPlaneRequests', enabled: true }]
  }
}
