// The app: Flex Consumption, on Linux, with one identity for everything it calls. Every setting here is a name, an
// address or a number; none is a secret.
//
// Flex refuses siteConfig.ftpsState and the runtime settings FUNCTIONS_WORKER_RUNTIME and FUNCTIONS_EXTENSION_VERSION:
// it has no FTP, and the runtime stands in functionAppConfig.
import { alwaysReadyType, settingsType, tagsType } from 'types.bicep'

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

@description('Address of the page that shows a trace, with {traceId} in it.')
param traceLink string

@description('Instances that are kept warm.')
param alwaysReady alwaysReadyType[]

@description('The function app never has more instances.')
param maximumInstanceCount int

@description('Memory of an instance, in MB; an execution is paid by it.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('Whether instances are spread over the zones of the region.')
param zoneRedundant bool

@description('Subnet through which the app goes out; empty = it is in no network.')
param subnetId string

@description('Client id of the app registration that users sign in with; empty = nobody signs in.')
param signInClientId string

@description('What src/config.ts reads, by name.')
param orderSettings settingsType

@description('Signing in takes no secret: the app registration trusts the app\'s identity (a federated credential).')
var signInSettings = empty(signInClientId) ? {} : { OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: clientId }

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true, zoneRedundant: zoneRedundant }
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
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
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
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReady
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
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
  properties: union(
    orderSettings,
    {
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
      OrderProcessing__TraceLink: traceLink
    },
    signInSettings
  )
}

// The platform checks tokens and tells the app who calls, with which app roles. Calls without a token go through, because health
// and webhooks ask for none: the app refuses them on all other routes.
resource signIn 'Microsoft.Web/sites/config@2025-03-01' = if (!empty(signInClientId)) {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: { requireAuthentication: false, unauthenticatedClientAction: 'AllowAnonymous' }
    httpSettings: { requireHttps: true }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
          clientId: signInClientId
          clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'
        }
        validation: { allowedAudiences: [signInClientId, 'api://${signInClientId}'] }
      }
    }
    login: { tokenStore: { enabled: false } }
  }
}

@description('Name of the function app.')
output name string = site.name

@description('Address of the function app.')
output url string = 'https://${site.properties.defaultHostName}'
