// What azd gives main.bicep: `azd env set <NAME> <value>` sets the variables that are read here.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')

param deploySimulators = bool(readEnvironmentVariable('DEPLOY_SIMULATORS', 'true'))
param inventoryBaseUrl = readEnvironmentVariable('INVENTORY_BASE_URL', '')
param paymentBaseUrl = readEnvironmentVariable('PAYMENT_BASE_URL', '')
param shippingBaseUrl = readEnvironmentVariable('SHIPPING_BASE_URL', '')
param notificationBaseUrl = readEnvironmentVariable('NOTIFICATION_BASE_URL', '')

param cosmosCapacity = readEnvironmentVariable('COSMOS_CAPACITY', 'serverless')
param alwaysReadyDurable = int(readEnvironmentVariable('ALWAYS_READY_DURABLE', '0'))
