// A private endpoint to one service, found by its public name inside the network.
import { tagsType } from 'types.bicep'

@description('Name of the endpoint.')
param name string

@description('Region.')
param location string

@description('Tags of each resource.')
param tags tagsType

@description('Resource id of the network.')
param networkId string

@description('Subnet of the endpoint.')
param subnetId string

@description('Resource id of the service.')
param serviceId string

@description('Which of its sides, such as `blob`.')
param groupId string

@description('Name of the private zone, such as `privatelink.documents.azure.com`.')
param zoneName string

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      { name: groupId, properties: { privateLinkServiceId: serviceId, groupIds: [groupId] } }
    ]
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zoneName
  location: 'global'
  tags: tags
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: zone
  name: 'network'
  location: 'global'
  tags: tags
  properties: { virtualNetwork: { id: networkId }, registrationEnabled: false }
}

resource group 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = {
  parent: endpoint
  name: 'default'
  properties: { privateDnsZoneConfigs: [{ name: groupId, properties: { privateDnsZoneId: zone.id } }] }
}
