// What azd gives main.bicep: `azd env set <NAME> <value>` sets the variables that are read here. Lists are JSON.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')

param deploySimulators = bool(readEnvironmentVariable('DEPLOY_SIMULATORS', 'true'))
param inventoryBaseUrl = readEnvironmentVariable('INVENTORY_BASE_URL', '')
param promotionBaseUrl = readEnvironmentVariable('PROMOTION_BASE_URL', '')
param paymentBaseUrl = readEnvironmentVariable('PAYMENT_BASE_URL', '')
param shippingBaseUrl = readEnvironmentVariable('SHIPPING_BASE_URL', '')
param notificationBaseUrl = readEnvironmentVariable('NOTIFICATION_BASE_URL', '')

param cosmosCapacity = readEnvironmentVariable('COSMOS_CAPACITY', 'serverless')
param cosmosMaxThroughput = int(readEnvironmentVariable('COSMOS_MAX_THROUGHPUT', '10000'))
param cosmosSharedMaxThroughput = int(readEnvironmentVariable('COSMOS_SHARED_MAX_THROUGHPUT', '5000'))
param durableBackend = readEnvironmentVariable('DURABLE_BACKEND', 'storage')
param schedulerSku = readEnvironmentVariable('SCHEDULER_SKU', 'Consumption')
param schedulerCapacity = int(readEnvironmentVariable('SCHEDULER_CAPACITY', '1'))

param serviceBusSku = readEnvironmentVariable('SERVICE_BUS_SKU', 'Standard')
param serviceBusMessagingUnits = json(readEnvironmentVariable('SERVICE_BUS_MESSAGING_UNITS', '1'))
param eventSubscriptions = json(readEnvironmentVariable('EVENT_SUBSCRIPTIONS', '[]'))
param eventGridOut = bool(readEnvironmentVariable('EVENT_GRID_OUT', 'false'))
param scaleByQueueLength = bool(readEnvironmentVariable('SCALE_BY_QUEUE_LENGTH', 'false'))

param alwaysReady = json(readEnvironmentVariable('ALWAYS_READY', '[]'))
param maximumInstanceCount = int(readEnvironmentVariable('MAXIMUM_INSTANCE_COUNT', '100'))
param instanceMemoryMB = json(readEnvironmentVariable('INSTANCE_MEMORY_MB', '2048'))
param reconcileSchedule = readEnvironmentVariable('RECONCILE_SCHEDULE', '0 * * * * *')
param lookUpSchedule = readEnvironmentVariable('LOOK_UP_SCHEDULE', '30 */5 * * * *')
param purgeSchedule = readEnvironmentVariable('PURGE_SCHEDULE', '45 7 * * * *')
param sagaMode = readEnvironmentVariable('SAGA_MODE', 'orchestration')
param sagaVersion = readEnvironmentVariable('SAGA_VERSION', '')

param signInClientId = readEnvironmentVariable('SIGN_IN_CLIENT_ID', '')
param signInMode = readEnvironmentVariable('SIGN_IN_MODE', 'required')
param tenants = json(readEnvironmentVariable('TENANTS', '[{ "id": "default" }]'))
param vnetEnabled = bool(readEnvironmentVariable('VNET_ENABLED', 'false'))
param vnetAddressPrefix = readEnvironmentVariable('VNET_ADDRESS_PREFIX', '10.72.0.0/16')
param zoneRedundant = bool(readEnvironmentVariable('ZONE_REDUNDANT', 'false'))
param vaultPurgeProtection = bool(readEnvironmentVariable('VAULT_PURGE_PROTECTION', 'false'))

param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
param monthlyBudget = int(readEnvironmentVariable('MONTHLY_BUDGET', '0'))
param dailyLogGigabytes = int(readEnvironmentVariable('DAILY_LOG_GIGABYTES', '5'))
