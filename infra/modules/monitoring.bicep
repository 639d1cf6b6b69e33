// Logs and telemetry: one workspace, and Application Insights on it. Both take Entra ID only, so the connection string
// below is an address and no secret.
import { roles } from 'roles.bicep'
import { tagsType } from 'types.bicep'

@description('What makes names unique.')
@minLength(13)
param token string

@description('Region.')
param location string

@description('Tags of each resource that takes them.')
param tags tagsType

@description('Name of the app\'s identity; names of role assignments are made from it.')
param identityName string

@description('The app\'s identity, which publishes telemetry.')
param principalId string

@minValue(1)
@description('GB of log a day, after which nothing more is taken that day: the cap on what logs can cost.')
param dailyLogGigabytes int

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: 'log-${token}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
    workspaceCapping: { dailyQuotaGb: dailyLogGigabytes }
    features: { disableLocalAuth: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource publishesTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identityName, roles.monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.monitoringMetricsPublisher
    )
  }
}

@description('Resource id of the workspace.')
output workspaceId string = workspace.id

@description('Address of telemetry; it takes no key.')
output connectionString string = insights.properties.ConnectionString

@description('Everything of one trace; whoever opens it reads with their own rights, so the app needs none.')
var query = [
  'union requests, dependencies, exceptions, traces | where operation_Id == "'
  '" | order by timestamp asc'
]

@description('Page of the portal that runs the query behind it.')
var queryPage = 'https://portal.azure.com/#blade/Microsoft_Azure_Monitoring_Logs/LogsBlade/resourceId/${uriComponent(insights.id)}/source/LogsBlade.AnalyticsShareLinkToQuery/query/'

@description('Address of the page that shows a trace, with {traceId} in it.')
output traceLink string = '${queryPage}${uriComponent(query[0])}{traceId}${uriComponent(query[1])}'
