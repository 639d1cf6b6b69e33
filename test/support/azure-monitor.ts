// What Azure Monitor has, as far as infra/ asks for it: metrics with their dimensions, and columns of log tables.
// https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/metrics-index
// https://learn.microsoft.com/azure/azure-monitor/reference/tables-index

export const METRICS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'Microsoft.ServiceBus/namespaces': {
    ActiveMessages: ['EntityName'],
    DeadletteredMessages: ['EntityName'],
    Size: ['EntityName'],
    ThrottledRequests: ['EntityName', 'OperationResult', 'MessagingErrorSubCode'],
  },
  'Microsoft.DocumentDB/databaseAccounts': {
    TotalRequests: ['DatabaseName', 'CollectionName', 'Region', 'StatusCode', 'OperationType', 'Status'],
  },
};

export const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  AppTraces: ['TimeGenerated', 'Message', 'OperationName', 'SeverityLevel'],
  AppRequests: ['TimeGenerated', 'OperationName', 'Success', 'DurationMs', 'ResultCode'],
  AppMetrics: ['TimeGenerated', 'Name', 'Sum', 'ItemCount', 'AppRoleInstance', 'Properties'],
};
