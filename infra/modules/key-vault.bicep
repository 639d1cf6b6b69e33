// The operator's token, and the key that unlocks what personal data is encrypted with. The app reads the token through a
// reference in its settings; whoever deploys can read and change it. With the key the app wraps and unwraps, and nobody reads
// it. Both are made once: later deployments leave them as they are.
import { roles } from 'roles.bicep'
import { tagsType } from 'types.bicep'

@description('Name of the vault.')
param name string

@description('Region.')
param location string

@description('Tags of the vault.')
param tags tagsType

@description('Name of the app\'s identity; names of role assignments are made from it.')
param identityName string

@description('The app, which reads the token and uses the key.')
param principalId string

@description('The token, if there is none yet.')
@secure()
param operatorToken string

@description('Whether it can be reached by private endpoints only.')
param isPrivate bool

@description('Whether nobody, an administrator either, can purge it, or a key of it, for 90 days after it was deleted. It cannot be switched off again.')
param isPurgeProtected bool

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: isPurgeProtected ? 90 : 7
    // The service takes true or nothing.
    enablePurgeProtection: isPurgeProtected ? true : null
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: { bypass: 'AzureServices', defaultAction: isPrivate ? 'Deny' : 'Allow' }
  }
}

@onlyIfNotExists()
resource token 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = {
  parent: vault
  name: 'operator-token'
  properties: { value: operatorToken, contentType: 'Bearer token of the operator routes' }
}

resource readsToken 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(token.id, identityName, roles.keyVaultSecretsUser)
  scope: token
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}

@onlyIfNotExists()
resource dataKey 'Microsoft.KeyVault/vaults/keys@2025-05-01' = {
  parent: vault
  name: 'personal-data'
  properties: { kty: 'RSA', keySize: 3072, keyOps: ['wrapKey', 'unwrapKey'] }
}

resource usesKey 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(dataKey.id, identityName, roles.keyVaultCryptoServiceEncryptionUser)
  scope: dataKey
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.keyVaultCryptoServiceEncryptionUser
    )
  }
}

resource keepsTokens 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, deployer().objectId, roles.keyVaultSecretsOfficer)
  scope: vault
  properties: {
    principalId: deployer().objectId
    principalType: empty(deployer().userPrincipalName) ? 'ServicePrincipal' : 'User'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsOfficer)
  }
}

@description('Resource id of the vault.')
output id string = vault.id

@description('Name of the vault.')
output name string = vault.name

@description('What a setting of the app says instead of the token.')
output operatorTokenReference string = '@Microsoft.KeyVault(SecretUri=${vault.properties.vaultUri}secrets/${token.name})'

@description('Id of the key, without a version.')
output encryptionKey string = '${vault.properties.vaultUri}keys/${dataKey.name}'
