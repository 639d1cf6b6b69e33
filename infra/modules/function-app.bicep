// The app: Flex Consumption, on Linux, with one identity for everything it calls. Every setting here is a name, an
// address or a number; none is a secret.
//
// Flex refuses siteConfig.ftpsState and the runtime settings FUNCTIONS_WORKER_RUNTIME and FUNCTIONS_EXTENSION_VERSION:
// it has no FTP, and the runtime stands in functionAppConfig.
import { settingsType, tagsType } from 'types.bicep'

@description('What makes names unique.')
@minLength(13)
param token string

@description('Region.')
param location string

@description('Tags of each resource that takes them.')
param tags tagsType

@description('Resource id of the app\'s identity.')
param identityId string

@description('Client id of the app\'s identity.')
param clientId string

@description('Storage of the host and of Durable Functions.')
param storageAccountName string

@description('Where the app\'s package lies.')
param deploymentContainerUrl string

@description('Address of telemetry.')
param applicationInsightsConnectionString string

@description('Instances that are kept warm for the saga.')
param alwaysReadyDurable int

@description('The function app never has more instances.')
param maximumInstanceCount int

@description('What src/config.ts reads, by name.')
param orderSettings settingsType

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: 'func-${token}'
  location: location
  // By this tag azd finds where the service `api` of azure.yaml goes.
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: { name: 'node', version: '22' }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyDurable == 0 ? [] : [{ name: 'durable', instanceCount: alwaysReadyDurable }]
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      healthCheckPath: '/api/health'
    }
  }
}

resource noPasswordForFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'ftp'
  properties: { allow: false }
}

resource noPasswordForScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'scm'
  properties: { allow: false }
}

resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: site
  name: 'appsettings'
  properties: union(orderSettings, {
    AZURE_CLIENT_ID: clientId
    AzureWebJobsStorage__accountName: storageAccountName
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: clientId
    ServiceBusConnection__credential: 'managedidentity'
    ServiceBusConnection__clientId: clientId
    CosmosConnection__credential: 'managedidentity'
    CosmosConnection__clientId: clientId
    APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
  })
}

@description('Name of the function app.')
output name string = site.name

@description('Address of the function app.')
output url string = 'https://${site.properties.defaultHostName}'
