// The simulated downstream services as one container app. `azd deploy` runs this with the image it has just pushed, so
// no placeholder image is ever started. What it needs around it is made by modules/simulators-host.bicep.
@description('Name of the azd environment.')
param environmentName string

@description('Region.')
param location string

@description('Where the container app runs.')
param environmentId string

@description('Resource id of the identity that pulls the image.')
param identityId string

@description('Where the image lies.')
param registryEndpoint string

@description('The image, with its tag.')
param image string

@description('Client id of that identity, which also sends to the topic.')
param clientId string

@description('First part of every path: who does not know it is answered with 404.')
param pathPrefix string

@description('Topic that is told of changes of stock.')
param topicEndpoint string

@description('Topic that is told of parcels.')
param shippingTopicEndpoint string

@description('modules/simulators-host.bicep makes the address from this name.')
var name = 'simulators'

@description('As infra/simulators/Dockerfile has it.')
var port = 7072

resource simulators 'Microsoft.App/containerApps@2025-01-01' = {
  name: name
  location: location
  tags: { 'azd-env-name': environmentName, 'azd-service-name': name }
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      // The function app is in no network of ours, so this is reachable from anywhere, but by the path only that the
      // app is given. It holds invented orders; for anything else give the URLs of real services instead.
      ingress: { external: true, allowInsecure: false, transport: 'http', targetPort: port }
      registries: [{ server: registryEndpoint, identity: identityId }]
    }
    template: {
      containers: [
        {
          name: name
          image: image
          args: [
            ...['--path-prefix', pathPrefix]
            ...['--topic', topicEndpoint]
            ...['--shipping-topic', shippingTopicEndpoint]
          ]
          env: [{ name: 'AZURE_CLIENT_ID', value: clientId }]
          resources: { cpu: json('0.25'), memory: '0.5Gi' }
          probes: [
            {
              type: 'Startup'
              httpGet: { path: '/healthz', port: port }
              periodSeconds: 2
              failureThreshold: 30
            }
            { type: 'Liveness', httpGet: { path: '/healthz', port: port }, periodSeconds: 30 }
          ]
        }
      ]
      // One replica, always: the ledger is a file inside it, and a new replica begins with an empty one.
      scale: { minReplicas: 1, maxReplicas: 1 }
    }
  }
}
