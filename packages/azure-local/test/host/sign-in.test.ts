// The look-alike of the platform's sign-in: tokens, and the headers that an app is given.
import fc from 'fast-check';
import { createSignIn, noSignIn, withPrincipal, type SignIn } from '../../src/host/sign-in';
import { isToken, signToken, verifyToken, type Claims } from '../../src/kit/local-token';

const KEY = 'a key';
const NOW_MS = 1_000_000_000;
const clock = { now: () => NOW_MS };
const claims: Claims = { name: 'Änn', customer_id: 'cust-1', roles: ['reader', 'operator'] };
const token = signToken(KEY, claims, NOW_MS + 1_000);

const ask = (authorization: string | undefined, signIn: SignIn = createSignIn(KEY, clock)) =>
  signIn({ headers: authorization === undefined ? {} : { authorization } });

test('a token gives back its claims until it expires, and under its key only', () => {
  expect(isToken(token)).toBe(true);
  expect(verifyToken(KEY, token, NOW_MS + 999)).toEqual(claims);
  expect(verifyToken(KEY, token, NOW_MS + 1_000)).toBeUndefined();
  expect(verifyToken('another', token, NOW_MS)).toBeUndefined();
});

test('no change of a token whatever leaves it valid', () => {
  const at = fc.nat({ max: token.length - 1 });
  fc.assert(
    fc.property(at, fc.constantFrom('A', 'B', 'x', 'y', '0', '9', '-', '_', '.'), (index, character) => {
      const changed = token.slice(0, index) + character + token.slice(index + 1);
      const [, , signature = ''] = token.split('.');
      const [, , given = ''] = changed.split('.');
      // The last character of Base64 has bits that mean nothing.
      const isSame = Buffer.from(given, 'base64url').equals(Buffer.from(signature, 'base64url'));
      fc.pre(changed !== token && !(isSame && index >= token.length - 1));
      expect(verifyToken(KEY, changed, NOW_MS)).toBeUndefined();
    }),
  );
});

test('sign-in.N2: a valid token becomes the headers of the platform, one claim for each value of a list', () => {
  const signedIn = ask(`Bearer ${token}`);
  if (signedIn.kind === 'refused') throw new Error('it was refused');
  const { 'x-ms-client-principal': principal = '', ...others } = signedIn.headers;
  expect(JSON.parse(Buffer.from(principal, 'base64').toString('utf8'))).toEqual({
    ...{ auth_typ: 'azure-local', name_typ: 'name', role_typ: 'roles' },
    claims: [
      { typ: 'name', val: 'Änn' },
      { typ: 'customer_id', val: 'cust-1' },
      { typ: 'roles', val: 'reader' },
      { typ: 'roles', val: 'operator' },
    ],
  });
  expect(others).toEqual({
    'x-ms-client-principal-idp': 'azure-local',
    'x-ms-client-principal-name': '%C3%84nn',
  });
});

test.each([
  'Bearer a.b.c',
  `Bearer ${token.slice(0, -4)}AAAA`,
  `bearer ${signToken('another', claims, NOW_MS * 2)}`,
])('sign-in.N2: %s is refused', (authorization) => {
  expect(ask(authorization)).toEqual({ kind: 'refused' });
});

test.each([undefined, '', 'Basic YTpi', 'Bearer opaque', 'Bearer', `Bearer ${token} ${token}`])(
  'sign-in.N3: %s signs nobody in and is the business of the app',
  (authorization) => {
    expect(ask(authorization)).toEqual({ kind: 'letIn', headers: {} });
  },
);

test('where sign-in is off a token is the business of the app', () => {
  expect(ask(`Bearer ${token}`, noSignIn)).toEqual({ kind: 'letIn', headers: {} });
});

test('sign-in.N1: what a client sends in a header of the platform is removed, and nothing else', () => {
  const sent = {
    'x-ms-client-principal': 'forged',
    'x-ms-client-principal-id': 'forged',
    'x-ms-client-principal-name': 'forged',
    'x-ms-client-principal-idp': 'forged',
    'x-ms-token-aad-id-token': 'forged',
    'x-ms-client-request-id': 'kept',
    authorization: 'kept',
  };
  expect(withPrincipal(sent, { 'x-ms-client-principal': 'true' })).toEqual({
    'x-ms-client-request-id': 'kept',
    authorization: 'kept',
    'x-ms-client-principal': 'true',
  });
});
