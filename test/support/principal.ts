// The header by which the platform tells an app who is signed in.

/** Claims by their type; a list is one claim for each of its values. */
export type TestClaims = Readonly<Record<string, string | readonly string[]>>;

export function principalHeader(claims: TestClaims): string {
  const list = Object.entries(claims).flatMap(([typ, values]) =>
    [values].flat().map((val) => ({ typ, val })),
  );
  return Buffer.from(JSON.stringify({ name_typ: 'name', role_typ: 'roles', claims: list })).toString(
    'base64',
  );
}
