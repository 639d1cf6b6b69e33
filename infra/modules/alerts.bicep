// Alerts: an action group, rules on metrics of the services and on queries of the log and of the app's own metrics
// (infra/queries), and a budget.
// Every rule is fired on made-up data by a test.
import { tagsType } from 'types.bicep'

@description('What makes names unique.')
@minLength(13)
param token string

@description('Region of the rules on the log.')
param location string

@description('Tags of each resource that takes them.')
param tags tagsType

@description('Resource id of the workspace whose log is asked.')
param workspaceId string

@description('Resource id of the Service Bus namespace.')
param serviceBusId string

@description('Resource id of the Cosmos DB account.')
param cosmosId string

@description('Address that every alert is sent to; empty: alerts are in the portal only.')
param email string

@minValue(0)
@description('US dollars (or the currency of the subscription) a month of which 80 % are told; 0: no budget.')
param monthlyBudget int

@minValue(1)
@description('What the topic holds at most.')
param topicMaxMegabytes int

@minValue(1)
@description('Milliseconds that accepting an order may take, for 95 of 100.')
param orderLatencyMs int = 2000

@minValue(60)
@description('Seconds that an event may wait before it goes out. Below a minute nothing is told.')
param relayLagSeconds int = 300

@description('First day of the budget.')
param budgetStart string = utcNow('yyyy-MM-01')

@description('Five minutes.')
var often = 'PT5M'

@description('A quarter of an hour.')
var quarter = 'PT15M'

@description('On metrics: each fires when the metric is above `threshold` in the last `window`.')
var metricRules = [
  {
    name: 'dead-letters'
    description: 'A queue or subscription has dead letters: orders that cannot be taken, or failures and notifications that were not taken.'
    severity: 1
    scope: serviceBusId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'DeadletteredMessages'
    aggregation: 'Maximum'
    threshold: 0
    window: often
    dimensions: [{ name: 'EntityName', operator: 'Include', values: ['*'] }]
  }
  {
    name: 'topic-size'
    description: 'The topic is four fifths full: a subscription is not read. A full topic refuses every event.'
    severity: 1
    scope: serviceBusId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'Size'
    aggregation: 'Maximum'
    threshold: topicMaxMegabytes * 1048576 / 5 * 4
    window: quarter
    dimensions: [{ name: 'EntityName', operator: 'Include', values: ['order-events'] }]
  }
  {
    name: 'bus-throttled'
    description: 'Service Bus throttles: the credits of the namespace are used up (docs/capacity.md).'
    severity: 2
    scope: serviceBusId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'ThrottledRequests'
    aggregation: 'Total'
    threshold: 0
    window: often
    dimensions: [{ name: 'EntityName', operator: 'Include', values: ['*'] }]
  }
  {
    name: 'store-throttled'
    description: 'Cosmos DB answers 429: its request units are used up (docs/capacity.md). A few are absorbed by retries.'
    severity: 2
    scope: cosmosId
    namespace: 'Microsoft.DocumentDB/databaseAccounts'
    metric: 'TotalRequests'
    aggregation: 'Count'
    threshold: 10
    window: often
    dimensions: [{ name: 'StatusCode', operator: 'Include', values: ['429'] }]
  }
]

@description('On the log and the metrics of the app: each fires when `measure` (or the count of rows) is above `threshold` in the last quarter of an hour.')
var logRules = [
  {
    name: 'interventions'
    description: 'A compensation failed, or a step after the pivot cannot be done: a person must look at the order.'
    severity: 1
    query: loadTextContent('../queries/interventions.kql')
    measure: ''
    threshold: 0
    dimension: ''
  }
  {
    name: 'failed-functions'
    description: 'A function fails. Timers, feeds and sagas try again by themselves; look at the exceptions.'
    severity: 2
    query: loadTextContent('../queries/failed-functions.kql')
    measure: ''
    threshold: 0
    dimension: 'OperationName'
  }
  {
    name: 'stuck-orders'
    description: 'An order makes no progress, or could not be finished.'
    severity: 2
    query: loadTextContent('../queries/stuck-orders.kql')
    measure: ''
    threshold: 0
    dimension: ''
  }
  {
    name: 'parked-events'
    description: 'An event could not go out or be read, and is in the container `parking`.'
    severity: 2
    query: loadTextContent('../queries/parked-events.kql')
    measure: ''
    threshold: 0
    dimension: ''
  }
  {
    name: 'relay-lag'
    description: 'Events go out, or come into the read models, minutes after they happened: a target is away, or too slow.'
    severity: 2
    query: loadTextContent('../queries/relay-lag.kql')
    measure: 'lagSeconds'
    threshold: relayLagSeconds
    dimension: 'feed'
  }
  {
    name: 'breaker-open'
    description: 'Calls of a service, or sends to a target, fail at once: its circuit breaker is open, in three readings or more.'
    severity: 2
    query: loadTextContent('../queries/open-breakers.kql')
    measure: 'readings'
    threshold: 2
    dimension: 'target'
  }
  {
    name: 'feed-lag'
    description: 'A relay or read model has not finished an event for minutes, and may hang: the log tells only of pages that begin.'
    severity: 2
    query: loadTextContent('../queries/feed-lag.kql')
    measure: 'lagSeconds'
    threshold: relayLagSeconds
    dimension: 'feed'
  }
  {
    name: 'orders-without-progress'
    description: 'There are orders that make no progress. Unlike stuck-orders it lasts until there is none.'
    severity: 3
    query: loadTextContent('../queries/orders-without-progress.kql')
    measure: 'orders'
    threshold: 0
    dimension: ''
  }
  {
    name: 'order-latency'
    description: 'Accepting an order takes too long for more than 5 of 100.'
    severity: 3
    query: loadTextContent('../queries/order-latency.kql')
    measure: 'p95'
    threshold: orderLatencyMs
    dimension: ''
  }
]

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${token}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'order-saga'
    emailReceivers: empty(email) ? [] : [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource onMetrics 'Microsoft.Insights/metricAlerts@2026-01-01' = [
  for rule in metricRules: {
    name: '${rule.name}-${token}'
    location: 'global'
    tags: tags
    properties: {
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [rule.scope]
      evaluationFrequency: often
      windowSize: rule.window
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: rule.name
            metricNamespace: rule.namespace
            metricName: rule.metric
            timeAggregation: rule.aggregation
            operator: 'GreaterThan'
            threshold: rule.threshold
            dimensions: rule.dimensions
          }
        ]
      }
      actions: [{ actionGroupId: operators.id }]
    }
  }
]

resource onLog 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in logRules: {
    name: '${rule.name}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.name
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: often
      // Longer than the time between two looks: a line may arrive some minutes late.
      windowSize: quarter
      autoMitigate: true
      // The tables are made by the first telemetry, after the rules.
      skipQueryValidation: true
      criteria: {
        allOf: [
          union(
            {
              query: rule.query
              operator: 'GreaterThan'
              threshold: rule.threshold
              timeAggregation: empty(rule.measure) ? 'Count' : 'Maximum'
              dimensions: empty(rule.dimension) ? [] : [{ name: rule.dimension, operator: 'Include', values: ['*'] }]
              failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
            },
            empty(rule.measure) ? {} : { metricMeasureColumn: rule.measure }
          )
        ]
      }
      actions: { actionGroups: [operators.id] }
    }
  }
]

resource budget 'Microsoft.Consumption/budgets@2026-06-01' = if (monthlyBudget > 0) {
  name: 'budget-${token}'
  properties: {
    category: 'Cost'
    amount: monthlyBudget
    timeGrain: 'Monthly'
    timePeriod: { startDate: budgetStart }
    notifications: {
      nearlySpent: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: empty(email) ? [] : [email]
        contactGroups: [operators.id]
      }
      willBeOverspent: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: empty(email) ? [] : [email]
        contactGroups: [operators.id]
      }
    }
  }
}
