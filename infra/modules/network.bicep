// A network of its own for the app, and private endpoints to all that it uses. The app itself stays reachable from outside.
import { tagsType } from 'types.bicep'

@description('What makes names unique.')
param token string

@description('Region.')
param location string

@description('Tags of each resource.')
param tags tagsType

@description('Addresses of the network.')
param addressPrefix string

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: 'vnet-${token}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      {
        name: 'functions'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 24, 0)
          delegations: [{ name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      { name: 'endpoints', properties: { addressPrefix: cidrSubnet(addressPrefix, 24, 1) } }
    ]
  }
}

@description('Resource id of the network.')
output id string = network.id

@description('Where the function app goes out.')
output functionsSubnetId string = network.properties.subnets[0].id

@description('Where the private endpoints are.')
output endpointsSubnetId string = network.properties.subnets[1].id
