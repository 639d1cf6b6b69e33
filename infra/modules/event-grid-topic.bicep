// An Event Grid topic, and who may send to it. Subscriptions are made elsewhere: for what happens to orders by whoever
// wants to know, for what happens in the inventory by ../event-subscriptions.bicep.
import { roles } from 'roles.bicep'
import { tagsType } from 'types.bicep'

@description('Name of the topic.')
param name string

@description('Region.')
param location string

@description('Tags of the topic.')
param tags tagsType

@description('How events are written that are sent to it.')
@allowed(['CloudEventSchemaV1_0', 'EventGridSchema'])
param inputSchema string

@description('Name of the identity that sends; empty = nobody of ours does.')
param senderName string

@description('That identity.')
param senderPrincipalId string

@description('Whether it can be reached by private endpoints only.')
param isPrivate bool = false

resource topic 'Microsoft.EventGrid/topics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  // With this identity it writes what it cannot deliver.
  identity: { type: 'SystemAssigned' }
  properties: {
    inputSchema: inputSchema
    disableLocalAuth: true
    minimumTlsVersionAllowed: '1.2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
  }
}

resource sends 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(senderName)) {
  name: guid(topic.id, senderName, roles.eventGridDataSender)
  scope: topic
  properties: {
    principalId: senderPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.eventGridDataSender)
  }
}

@description('Resource id of the topic.')
output id string = topic.id

@description('Name of the topic.')
output name string = topic.name

@description('Where events are posted.')
output endpoint string = topic.properties.endpoint

@description('Object id of the identity by which the topic writes what it cannot deliver.')
output principalId string = topic.identity.principalId
