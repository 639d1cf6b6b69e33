// The identity of one program. What it may do is said where the resources are.
import { tagsType } from 'types.bicep'

@description('Name of the identity.')
param name string

@description('Region.')
param location string

@description('Tags of the resource.')
param tags tagsType

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id, by which a program takes the identity on.')
output id string = identity.id

@description('By which a program asks for a token of this identity.')
output clientId string = identity.properties.clientId

@description('To whom roles are given.')
output principalId string = identity.properties.principalId
