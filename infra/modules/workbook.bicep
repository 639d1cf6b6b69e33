// Workbook of the operators. Its queries are those of infra/queries; what they name is what the code logs (a test
// compares and runs them).
import { tagsType } from 'types.bicep'

@description('What makes names unique.')
@minLength(13)
param token string

@description('Region.')
param location string

@description('Tags of the workbook.')
param tags tagsType

@description('Resource id of the workspace whose log is asked.')
param workspaceId string

@description('Resource id of the Service Bus namespace.')
param serviceBusId string

@description('On the log, in the order of the page.')
var logWidgets = [
  {
    name: 'throughput'
    title: 'Throughput by event type'
    shown: 'timechart'
    query: loadTextContent('../queries/throughput.kql')
  }
  {
    name: 'order-ends'
    title: 'How orders stand'
    shown: 'piechart'
    query: loadTextContent('../queries/order-ends.kql')
  }
  {
    name: 'saga-durations'
    title: 'Saga durations'
    shown: 'table'
    query: loadTextContent('../queries/saga-durations.kql')
  }
  {
    name: 'step-latency'
    title: 'Duration by step'
    shown: 'table'
    query: loadTextContent('../queries/step-latency.kql')
  }
  {
    name: 'requests'
    title: 'Functions'
    shown: 'table'
    query: loadTextContent('../queries/requests.kql')
  }
  {
    name: 'interventions'
    title: 'Orders that need a person'
    shown: 'table'
    query: loadTextContent('../queries/interventions.kql')
  }
]

@description('On metrics of Service Bus, split by queue and topic.')
var metricWidgets = [
  { name: 'waiting-messages', title: 'Waiting messages', metric: 'ActiveMessages' }
  { name: 'dead-letters', title: 'Dead letters', metric: 'DeadletteredMessages' }
]

@description('Namespace of those metrics.')
var metricNamespace = 'microsoft.servicebus/namespaces'

@description('The choice of how far the page looks back: a day at first.')
var timeRange = {
  type: 9
  name: 'time'
  content: {
    version: 'KqlParameterItem/1.0'
    style: 'pills'
    parameters: [
      {
        id: guid(token, 'TimeRange')
        version: 'KqlParameterItem/1.0'
        name: 'TimeRange'
        type: 4
        isRequired: true
        value: { durationMs: 86400000 }
        typeSettings: {
          selectableValues: [
            { durationMs: 3600000 }
            { durationMs: 86400000 }
            { durationMs: 604800000 }
          ]
        }
      }
    ]
  }
}

@description('Items of the page on the log.')
var logItems = [
  for widget in logWidgets: {
    type: 3
    name: widget.name
    content: {
      version: 'KqlItem/1.0'
      title: widget.title
      query: widget.query
      size: 0
      timeContextFromParameter: 'TimeRange'
      queryType: 0
      resourceType: 'microsoft.operationalinsights/workspaces'
      visualization: widget.shown
    }
  }
]

@description('Items of the page on metrics.')
var metricItems = [
  for widget in metricWidgets: {
    type: 10
    name: widget.name
    content: {
      version: 'MetricsItem/2.0'
      chartId: 'workbook-${widget.name}'
      title: widget.title
      size: 0
      chartType: 2
      resourceType: metricNamespace
      metricScope: 0
      resourceIds: [serviceBusId]
      timeContextFromParameter: 'TimeRange'
      timeContext: { durationMs: 86400000 }
      metrics: [
        {
          namespace: metricNamespace
          metric: '${metricNamespace}--${widget.metric}'
          aggregation: 3
          splitBy: 'EntityName'
        }
      ]
      gridSettings: { rowLimit: 1000 }
    }
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, token, 'orders')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Orders'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([timeRange], logItems, metricItems)
      fallbackResourceIds: [workspaceId]
      '$schema': 'https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json'
    })
  }
}
