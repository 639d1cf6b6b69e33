// Queues and topic; local/servicebus/Config.json defines the same for the emulators, and a test compares. The app may
// receive from `orders` and send to the two others, each on its own: no role is given on the namespace. (With Manage
// rights the platform would count messages when it scales; without, it looks at the oldest one.)
import { roles } from 'roles.bicep'
import { tagsType } from 'types.bicep'

@description('Name of the namespace.')
param name string

@description('Region.')
param location string

@description('Tags of each resource that takes them.')
param tags tagsType

@description('Name of the app\'s identity; names of role assignments are made from it.')
param identityName string

@description('The app\'s identity, which receives and sends.')
param principalId string

@description('Deliveries of one message of the queue `orders`.')
param maxDeliveryCount int

@description('How long a received message is locked.')
var lockDuration = 'PT1M'

@description('How long message ids are remembered.')
var duplicateWindow = 'PT10M'

@description('Deliveries where the app does not count them itself.')
var usualDeliveryCount = 10

@description('How long an unread event lives: a subscription that nobody reads must not fill the topic.')
var eventsLive = 'P7D'

@description('Each gets the events whose subject is its label.')
var eventSubscriptions = [
  { name: 'order-created-events', label: 'OrderCreated' }
  { name: 'stock-reserved-events', label: 'StockReserved' }
  { name: 'payment-processed-events', label: 'PaymentProcessed' }
  { name: 'payment-failed-events', label: 'PaymentFailed' }
  { name: 'shipment-created-events', label: 'ShipmentCreated' }
  { name: 'order-completed-events', label: 'OrderCompleted' }
  { name: 'order-failed-events', label: 'OrderFailed' }
  { name: 'order-cancelled-events', label: 'OrderCancelled' }
]

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Standard' }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }
}

resource orders 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = {
  parent: namespace
  name: 'orders'
  properties: {
    lockDuration: lockDuration
    maxDeliveryCount: maxDeliveryCount
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: duplicateWindow
    deadLetteringOnMessageExpiration: true
  }
}

resource orderFailures 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = {
  parent: namespace
  name: 'order-failures'
  properties: {
    lockDuration: lockDuration
    maxDeliveryCount: usualDeliveryCount
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: duplicateWindow
    deadLetteringOnMessageExpiration: true
  }
}

resource orderEvents 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' = {
  parent: namespace
  name: 'order-events'
  properties: {
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: duplicateWindow
  }
}

resource allEvents 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2026-01-01' = {
  parent: orderEvents
  name: 'all-events'
  properties: {
    lockDuration: lockDuration
    maxDeliveryCount: usualDeliveryCount
    defaultMessageTimeToLive: eventsLive
    requiresSession: true
  }
}

resource subscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2026-01-01' = [
  for entry in eventSubscriptions: {
    parent: orderEvents
    name: entry.name
    properties: {
      lockDuration: lockDuration
      maxDeliveryCount: usualDeliveryCount
      defaultMessageTimeToLive: eventsLive
    }
  }
]

// Every subscription is born with a rule `$Default` that lets everything through: this takes its place. Under another
// name it would stand beside it and filter nothing.
resource rules 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules@2026-01-01' = [
  for (entry, index) in eventSubscriptions: {
    parent: subscriptions[index]
    name: '$Default'
    properties: {
      filterType: 'CorrelationFilter'
      correlationFilter: { label: entry.label }
    }
  }
]

// What became of orders, for the mails to customers; the app itself reads it.
resource customerNotifications 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2026-01-01' = {
  parent: orderEvents
  name: 'customer-notifications'
  properties: {
    lockDuration: lockDuration
    maxDeliveryCount: usualDeliveryCount
    defaultMessageTimeToLive: eventsLive
  }
}

resource tellsCompleted 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules@2026-01-01' = {
  parent: customerNotifications
  name: '$Default'
  properties: {
    filterType: 'CorrelationFilter'
    correlationFilter: { label: 'OrderCompleted' }
  }
}

resource tellsCancelled 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules@2026-01-01' = {
  parent: customerNotifications
  name: 'cancelled'
  properties: {
    filterType: 'CorrelationFilter'
    correlationFilter: { label: 'OrderCancelled' }
  }
}

resource receivesOrders 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(orders.id, identityName, roles.serviceBusDataReceiver)
  scope: orders
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataReceiver)
  }
}

resource readsNotifications 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(customerNotifications.id, identityName, roles.serviceBusDataReceiver)
  scope: customerNotifications
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataReceiver)
  }
}

resource sendsFailures 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(orderFailures.id, identityName, roles.serviceBusDataSender)
  scope: orderFailures
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataSender)
  }
}

resource sendsEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(orderEvents.id, identityName, roles.serviceBusDataSender)
  scope: orderEvents
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataSender)
  }
}

@description('Host name of the namespace.')
output fullyQualifiedNamespace string = '${namespace.name}.servicebus.windows.net'

@description('Queue that brings orders.')
output ordersQueue string = orders.name

@description('Queue that is told of failed orders.')
output orderFailuresQueue string = orderFailures.name

@description('Topic that is told of every event.')
output orderEventsTopic string = orderEvents.name
