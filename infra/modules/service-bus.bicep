// Queues and topic; the local platform's Config.json defines the same for the emulators, and a test compares. The app may
// receive from two queues and send to what it sends to, each on its own: no role is given on the namespace.
//
// Standard allows 1,000 credits a second: one for each message sent or received, and one for each filter that is looked at.
// A message to the topic is held against the filter of every subscription, so a subscription is made where it is asked for.
import { roles } from 'roles.bicep'
import { eventSubscriptionType, tagsType } from 'types.bicep'

@description('Name of the namespace.')
param name string

@description('Region.')
param location string

@description('Tags of the namespace.')
param tags tagsType

@description('Name of the app\'s identity; names of role assignments are made from it.')
param identityName string

@description('The app, which receives and sends.')
param principalId string

@description('`Standard`, or `Premium`: units of its own, and private endpoints.')
@allowed(['Standard', 'Premium'])
param sku string

@description('Messaging units, with `Premium` only.')
param messagingUnits int

@description('Deliveries of one message of the queue `orders`.')
param maxDeliveryCount int

@description('Names of topics that tenants have of their own.')
param tenantTopics string[]

@description('Subscriptions of the topic that somebody reads.')
param eventSubscriptions eventSubscriptionType[]

@description('Whether the platform may count the messages of `orders` when it scales, which takes the right to manage them.')
param scaleByQueueLength bool

@description('Whether it can be reached by private endpoints only.')
param isPrivate bool

@description('How long a received message is locked.')
var lockDuration = 'PT1M'

@description('How long message ids are remembered.')
var duplicateWindow = 'PT10M'

@description('Deliveries where the app does not count them itself.')
var usualDeliveryCount = 10

@description('How long an event lives in a subscription that is not read: a full topic refuses every send.')
var eventsLive = 'PT4H'

@description('What a queue or the topic may hold, in MB: the most that Standard has. The default is 1 GB.')
var maxSize = 5120

@description('What a queue has in common with the others.')
var queueProperties = {
  lockDuration: lockDuration
  maxSizeInMegabytes: maxSize
  requiresDuplicateDetection: true
  duplicateDetectionHistoryTimeWindow: duplicateWindow
  deadLetteringOnMessageExpiration: true
}

@description('The subject whose events a subscription gets. One without a subject gets all, in sessions.')
var subjects = {
  'order-created-events': 'OrderCreated'
  'stock-reserved-events': 'StockReserved'
  'payment-processed-events': 'PaymentProcessed'
  'payment-failed-events': 'PaymentFailed'
  'shipment-created-events': 'ShipmentCreated'
  'order-completed-events': 'OrderCompleted'
  'order-failed-events': 'OrderFailed'
  'order-cancelled-events': 'OrderCancelled'
}

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: name
  location: location
  tags: tags
  sku: sku == 'Premium' ? { name: sku, tier: sku, capacity: messagingUnits } : { name: sku, tier: sku }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
  }
}

// Without duplicate detection: a message id is the key of one tenant, and the broker would drop the order that another tenant
// sends under the same one. The app knows what it has taken, by tenant and key.
resource orders 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = {
  parent: namespace
  name: 'orders'
  properties: union(queueProperties, { maxDeliveryCount: maxDeliveryCount, requiresDuplicateDetection: false })
}

resource orderFailures 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = {
  parent: namespace
  name: 'order-failures'
  properties: union(queueProperties, { maxDeliveryCount: usualDeliveryCount })
}

// What became of orders, for the mails to customers; the app itself reads it. A subscription of the topic would be paid
// for with every event, this with the one that it is about.
resource customerNotifications 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = {
  parent: namespace
  name: 'customer-notifications'
  properties: union(queueProperties, { maxDeliveryCount: usualDeliveryCount })
}

resource orderEvents 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' = {
  parent: namespace
  name: 'order-events'
  properties: {
    maxSizeInMegabytes: maxSize
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: duplicateWindow
  }
}

// A tenant may have a topic of its own; whoever reads it makes its subscriptions.
resource tenantEvents 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' = [
  for topic in tenantTopics: {
    parent: namespace
    name: topic
    properties: {
      maxSizeInMegabytes: maxSize
      requiresDuplicateDetection: true
      duplicateDetectionHistoryTimeWindow: duplicateWindow
    }
  }
]

resource subscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2026-01-01' = [
  for subscription in eventSubscriptions: {
    parent: orderEvents
    name: subscription
    properties: {
      lockDuration: lockDuration
      maxDeliveryCount: usualDeliveryCount
      defaultMessageTimeToLive: eventsLive
      requiresSession: !contains(subjects, subscription)
    }
  }
]

// Every subscription is born with a rule `$Default` that lets everything through: this takes its place. Under another
// name it would stand beside it and filter nothing.
resource rules 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules@2026-01-01' = [
  for (subscription, index) in eventSubscriptions: if (contains(subjects, subscription)) {
    parent: subscriptions[index]
    name: '$Default'
    properties: {
      filterType: 'CorrelationFilter'
      correlationFilter: { label: subjects[?subscription] }
    }
  }
]

@description('With Manage rights the platform counts messages when it scales; else it looks at the oldest one.')
var receiverRole = scaleByQueueLength ? roles.serviceBusDataOwner : roles.serviceBusDataReceiver

resource receivesOrders 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(orders.id, identityName, receiverRole)
  scope: orders
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', receiverRole)
  }
}

// Dead letters go back to it.
resource sendsOrders 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(orders.id, identityName, roles.serviceBusDataSender)
  scope: orders
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataSender)
  }
}

resource receivesNotifications 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(customerNotifications.id, identityName, roles.serviceBusDataReceiver)
  scope: customerNotifications
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataReceiver)
  }
}

resource sendsNotifications 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(customerNotifications.id, identityName, roles.serviceBusDataSender)
  scope: customerNotifications
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataSender)
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

resource sendsTenantEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (topic, index) in tenantTopics: {
    name: guid(tenantEvents[index].id, identityName, roles.serviceBusDataSender)
    scope: tenantEvents[index]
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataSender)
    }
  }
]

@description('Resource id of the namespace.')
output id string = namespace.id

@description('Host name of the namespace.')
output fullyQualifiedNamespace string = '${namespace.name}.servicebus.windows.net'

@description('Queue that brings orders.')
output ordersQueue string = orders.name

@description('Queue that is told of failed orders.')
output orderFailuresQueue string = orderFailures.name

@description('Queue of what customers are told.')
output customerNotificationsQueue string = customerNotifications.name

@description('Topic that is told of every event.')
output orderEventsTopic string = orderEvents.name

@description('What the topic may hold, in MB.')
output topicMaxMegabytes int = maxSize
