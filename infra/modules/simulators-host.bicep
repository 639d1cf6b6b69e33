// What the simulators' container app needs around it: a registry for its image and an environment to run in. The app
// itself is ../simulators.bicep. It gets the right to pull that image, and none to anything of the orders.
import { roles } from 'roles.bicep'
import { tagsType } from 'types.bicep'

@description('What makes names unique.')
@minLength(13)
param token string

@description('Region.')
param location string

@description('Tags of each resource that takes them.')
param tags tagsType

@description('Name of the simulators\' identity; names of role assignments are made from it.')
param identityName string

@description('The simulators, which pull their image.')
param principalId string

@description('Workspace that takes their logs.')
param workspaceId string

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
  name: 'cr${token}'
  location: location
  tags: tags
  sku: { name: 'Basic' }
  properties: { adminUserEnabled: false }
}

resource pullsImages 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, identityName, roles.acrPull)
  scope: registry
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.acrPull)
  }
}

// Logs go by a diagnostic setting: the destination `log-analytics` would want the workspace's key.
resource containerEnvironment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: 'cae-${token}'
  location: location
  tags: tags
  properties: {
    appLogsConfiguration: { destination: 'azure-monitor' }
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
  }
}

#disable-next-line use-recent-api-versions // The one stable version, of 2016, has no category groups.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: containerEnvironment
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

@description('Where images are pushed.')
output registryEndpoint string = registry.properties.loginServer

@description('Where the container app runs.')
output environmentId string = containerEnvironment.id

@description('Address of the simulators, by the name that simulators.bicep gives them.')
output baseUrl string = 'https://simulators.${containerEnvironment.properties.defaultDomain}'
