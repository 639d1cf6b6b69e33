# Makes the subscriptions of the app's functions to the topics that it hears: what postdeploy.sh does, on Windows.
$ErrorActionPreference = 'Stop'

if (-not (Get-Command az -ErrorAction SilentlyContinue)) {
  Write-Error 'The Azure CLI (az) makes the subscriptions of the topics, and is not on the PATH. Install it, run `az login`, then `azd hooks run postdeploy --service api`.'
  exit 1
}

$seconds = if ($env:RETRY_SECONDS) { [int]$env:RETRY_SECONDS } else { 30 }
foreach ($attempt in 1..5) {
  az deployment group create `
    --subscription $env:AZURE_SUBSCRIPTION_ID `
    --resource-group $env:AZURE_RESOURCE_GROUP `
    --name event-subscriptions `
    --template-file infra/event-subscriptions.bicep `
    --parameters functionAppName=$env:AZURE_FUNCTION_APP_NAME topicName=$env:INVENTORY_TOPIC_NAME shippingTopicName=$env:SHIPPING_TOPIC_NAME storageAccountName=$env:STORAGE_ACCOUNT_NAME `
    --output none
  if ($LASTEXITCODE -eq 0) { exit 0 }
  if ($attempt -lt 5) {
    Write-Host "Not yet; attempt $($attempt + 1) of 5 in $seconds s."
    Start-Sleep -Seconds $seconds
  }
}
Write-Error 'The subscriptions could not be made in 5 attempts; the last answer is above.'
exit 1
