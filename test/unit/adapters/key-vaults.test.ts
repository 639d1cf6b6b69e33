// Vaults: one in a file, and one over a key in Azure Key Vault, whose SDK is stood in for here.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAzureKeyVault, type VaultClient } from '../../../src/adapters/azure-key-vault';
import { createFileKeyVault } from '../../../src/adapters/file-key-vault';

const KEY = randomBytes(32);

describe('a key file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'key-vault-'));
    file = path.join(folder, 'sub/app.key');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is made once, for its owner only, and unwraps what it wrapped (file-key-vault.F1)', async () => {
    const [one, other] = [createFileKeyVault(file), createFileKeyVault(file)];
    const wrapped = await Promise.all([one.wrap(KEY), other.wrap(KEY)]);
    expect(readdirSync(path.dirname(file))).toEqual(['app.key']);
    expect(statSync(file).mode & 0o077).toBe(0);
    for (const each of wrapped) {
      expect(each.wrapped).not.toContain(KEY.toString('base64url'));
      expect(Buffer.from(await other.unwrap(each))).toEqual(KEY);
    }
  });

  test.each<[string, (file: string) => void, string]>([
    ['is gone', (name) => rmSync(name), 'is gone'],
    [
      'is another one',
      (name) => writeFileSync(name, randomBytes(32).toString('base64url')),
      'is not the one',
    ],
    ['holds no key', (name) => writeFileSync(name, 'x'), 'does not hold 32 bytes'],
  ])('that %s opens nothing, and is not made anew', async (_, change, why) => {
    const vault = createFileKeyVault(file);
    const wrapped = await vault.wrap(KEY);
    change(file);
    await expect(vault.unwrap(wrapped)).rejects.toMatchObject({
      code: 'VAULT_REFUSED',
      message: expect.stringContaining(why) as string,
    });
  });
});

describe('a key in Azure Key Vault', () => {
  const URL = 'https://vault.vault.azure.net/keys/personal-data';
  let version = 'v1';
  let fault: unknown;
  const using: VaultClient = {
    newest: () => Promise.resolve(`${URL}/${version}`),
    client: (keyId) => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the SDK's errors are stood in for
      if (fault !== undefined) return Promise.reject(fault);
      const turned = (bytes: Uint8Array) =>
        Uint8Array.from(bytes, (byte) => byte ^ keyId.charCodeAt(keyId.length - 1));
      return Promise.resolve({
        wrapKey: (algorithm, key) => Promise.resolve({ result: turned(key), keyID: keyId, algorithm }),
        unwrapKey: (algorithm, key) => Promise.resolve({ result: turned(key), keyID: keyId, algorithm }),
      });
    },
  };
  const vault = createAzureKeyVault(URL, using);
  beforeEach(() => {
    version = 'v1';
    fault = undefined;
  });

  test('unwraps with the version that wrapped, also after a newer one is there', async () => {
    const old = await vault.wrap(KEY);
    version = 'v2';
    const young = await vault.wrap(KEY);
    expect([old.wrappedBy, young.wrappedBy]).toEqual([`${URL}/v1`, `${URL}/v2`]);
    for (const wrapped of [old, young]) expect(Buffer.from(await vault.unwrap(wrapped))).toEqual(KEY);
  });

  test.each<[string, unknown, string]>([
    ['refuses', Object.assign(new Error('no'), { statusCode: 403 }), 'VAULT_REFUSED'],
    ['is throttled', Object.assign(new Error('busy'), { statusCode: 429 }), 'VAULT_UNAVAILABLE'],
    ['is away', new Error('connect ECONNREFUSED'), 'VAULT_UNAVAILABLE'],
  ])('that %s is told apart', async (_, thrown, code) => {
    fault = thrown;
    await expect(vault.wrap(KEY)).rejects.toMatchObject({ code });
  });

  test('of another name is not asked', async () => {
    const wrapped = { wrapped: 'AAAA', wrappedBy: 'https://other.vault.azure.net/keys/personal-data/v1' };
    await expect(vault.unwrap(wrapped)).rejects.toMatchObject({ code: 'VAULT_REFUSED' });
  });
});
