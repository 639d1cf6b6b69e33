// What sagas in the mode choreography go on by: a subscription of the topic with the events that wake them, and a queue of their
// retries and time-outs, both in sessions by order. Deployed in that mode only, because the filter is paid for with every event.
import { roles } from 'roles.bicep'

@description('Name of the namespace.')
param namespaceName string

@description('Name of the app\'s identity; names of role assignments are made from it.')
param identityName string

@description('The app, which receives from both and sends to the queue.')
param principalId string

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: namespaceName
}

resource topic 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' existing = {
  parent: namespace
  name: 'order-events'
}

resource timers 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = {
  parent: namespace
  name: 'saga-timers'
  properties: {
    lockDuration: 'PT1M'
    maxDeliveryCount: 10
    maxSizeInMegabytes: 5120
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: 'PT10M'
    deadLetteringOnMessageExpiration: true
    requiresSession: true
  }
}

resource steps 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2026-01-01' = {
  parent: topic
  name: 'saga-steps'
  properties: {
    lockDuration: 'PT1M'
    maxDeliveryCount: 10
    defaultMessageTimeToLive: 'PT4H'
    requiresSession: true
  }
}

// In the place of the rule that lets everything through.
resource wakes 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules@2026-01-01' = {
  parent: steps
  name: '$Default'
  properties: {
    filterType: 'CorrelationFilter'
    correlationFilter: { properties: { wakesSaga: 'true' } }
  }
}

@description('What the app may do with the queue.')
var timerRoles = [roles.serviceBusDataReceiver, roles.serviceBusDataSender]

resource timersAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in timerRoles: {
    name: guid(timers.id, identityName, role)
    scope: timers
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource stepsAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(steps.id, identityName, roles.serviceBusDataReceiver)
  scope: steps
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataReceiver)
  }
}
