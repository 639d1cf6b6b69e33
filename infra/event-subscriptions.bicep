// Subscriptions of the app's functions to the inventory topic. Event Grid asks a function whether it is there when a
// subscription is made, so the hook `postdeploy` of azure.yaml deploys this, after the code. The same subscriptions as
// npm start makes, which a test compares.
@description('The function app.')
param functionAppName string

@description('The topic of the inventory.')
param topicName string

@description('Storage account with the container for what cannot be delivered.')
param storageAccountName string

@description('That container.')
param deadLetterContainer string = 'event-dead-letters'

@description('Functions by the names of their subscriptions.')
var functionNames = {
  'handle-inventory-event': 'HandleInventoryEvent'
  'watch-stock': 'WatchStock'
}

resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: functionAppName
}

resource topic 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  name: topicName
}

resource storage 'Microsoft.Storage/storageAccounts@2026-04-01' existing = {
  name: storageAccountName
}

resource subscriptions 'Microsoft.EventGrid/topics/eventSubscriptions@2025-02-15' = [
  for subscription in items(functionNames): {
    parent: topic
    name: subscription.key
    properties: {
      eventDeliverySchema: 'EventGridSchema'
      destination: {
        endpointType: 'AzureFunction'
        properties: {
          resourceId: '${site.id}/functions/${subscription.value}'
          maxEventsPerBatch: 1
          preferredBatchSizeInKilobytes: 64
        }
      }
      // For a day, with ever longer pauses; then it lies in the container, with the reason.
      retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
      deadLetterWithResourceIdentity: {
        identity: { type: 'SystemAssigned' }
        deadLetterDestination: {
          endpointType: 'StorageBlob'
          properties: { resourceId: storage.id, blobContainerName: deadLetterContainer }
        }
      }
    }
  }
]
