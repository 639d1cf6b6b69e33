// Parser of APPLICATIONINSIGHTS_AUTHENTICATION_STRING (`Authorization=AAD;ClientId=…`), as the Functions host reads it.

/** With which identity to sign in; undefined where the connection string is enough. */
export function clientIdIn(text: string): { readonly managedIdentityClientId?: string } | undefined {
  const fields = new Map(
    text.split(';').map((part) => {
      const [name = '', ...value] = part.split('=');
      return [name.trim().toLowerCase(), value.join('=').trim()] as const;
    }),
  );
  if (fields.get('authorization')?.toUpperCase() !== 'AAD') return undefined;
  const clientId = fields.get('clientid');
  return clientId === undefined || clientId === '' ? {} : { managedIdentityClientId: clientId };
}
