#!/bin/sh
# Makes the subscriptions of the app's functions to the topics that it hears, after the code is deployed: Event Grid asks the
# functions whether they are there, and the platform takes a while to list them. azd gives the names.
set -eu

command -v az >/dev/null || {
  echo 'The Azure CLI (az) makes the subscriptions of the topics, and is not on the PATH. Install it, run `az login`, then `azd hooks run postdeploy --service api`.' >&2
  exit 1
}

attempt=1
until az deployment group create \
  --subscription "$AZURE_SUBSCRIPTION_ID" \
  --resource-group "$AZURE_RESOURCE_GROUP" \
  --name event-subscriptions \
  --template-file infra/event-subscriptions.bicep \
  --parameters functionAppName="$AZURE_FUNCTION_APP_NAME" topicName="$INVENTORY_TOPIC_NAME" shippingTopicName="$SHIPPING_TOPIC_NAME" storageAccountName="$STORAGE_ACCOUNT_NAME" \
  --output none; do
  if [ "$attempt" -ge 5 ]; then
    echo "The subscriptions could not be made in $attempt attempts; the last answer is above." >&2
    exit 1
  fi
  attempt=$((attempt + 1))
  echo "Not yet; attempt $attempt of 5 in ${RETRY_SECONDS:-30} s."
  sleep "${RETRY_SECONDS:-30}"
done
