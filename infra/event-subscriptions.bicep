// Subscriptions of the app's functions to the topics of the inventory and of the carriers. Event Grid asks a function whether it is there when a
// subscription is made, so the hook `postdeploy` of azure.yaml deploys this, after the code. The same subscriptions as
// npm start makes, which a test compares.
@description('The function app.')
param functionAppName string

@description('The topic of the inventory.')
param topicName string

@description('The topic of the carriers.')
param shippingTopicName string

@description('Storage account with the container for what cannot be delivered.')
param storageAccountName string

@description('That container.')
param deadLetterContainer string = 'event-dead-letters'

@description('Functions by the names of their subscriptions, in the order of the topics below.')
var subscribers = [
  { topic: 0, name: 'handle-inventory-event', function: 'HandleInventoryEvent' }
  { topic: 0, name: 'watch-stock', function: 'WatchStock' }
  { topic: 1, name: 'handle-shipping-event', function: 'HandleShippingEvent' }
]

resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: functionAppName
}

resource topics 'Microsoft.EventGrid/topics@2025-02-15' existing = [
  for name in [topicName, shippingTopicName]: {
    name: name
  }
]

resource storage 'Microsoft.Storage/storageAccounts@2026-04-01' existing = {
  name: storageAccountName
}

resource subscriptions 'Microsoft.EventGrid/topics/eventSubscriptions@2025-02-15' = [
  for subscriber in subscribers: {
    parent: topics[subscriber.topic]
    name: subscriber.name
    properties: {
      eventDeliverySchema: 'EventGridSchema'
      destination: {
        endpointType: 'AzureFunction'
        properties: {
          resourceId: '${site.id}/functions/${subscriber.function}'
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
