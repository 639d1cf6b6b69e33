// Encryption of personal data field by field: what it is bound to, which keys it asks for, and for how long it holds them.
import fc from 'fast-check';
import { createFieldCipher } from '../../../src/identity/field-cipher';
import { rotateKeys } from '../../../src/identity/rotate-keys';
import { createUnlockedKeys } from '../../../src/identity/unlocked-keys';
import type { FieldPlace } from '../../../src/ports/field-cipher';
import { openEncryption } from '../../support/field-cipher';

const place: FieldPlace = {
  ...{ tenantId: 'acme', customerId: 'cust-1', orderId: 'order-1', field: 'contact' },
};
const TENANT = { tenantId: 'acme' };

describe('a sealed field', () => {
  test('opens to what was sealed, and never shows it', async () => {
    const { cipher } = openEncryption();
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.uuid(), async (value, marker) => {
        const sealed = await cipher.seal(place, { value, marker });
        expect(sealed).not.toContain(marker);
        const json: unknown = JSON.parse(JSON.stringify({ value, marker }));
        expect(await cipher.open(place, sealed)).toEqual({ kind: 'opened', value: json });
      }),
      { numRuns: 50 },
    );
  });

  test.each<[string, Partial<FieldPlace>]>([
    ['of another order', { orderId: 'order-2' }],
    ['of another name', { field: 'shippingAddress' }],
  ])('S20: cannot be put in the place of a field %s', async (_, other) => {
    const { cipher } = openEncryption();
    const sealed = await cipher.seal(place, 'x');
    await expect(cipher.open({ ...place, ...other }, sealed)).rejects.toMatchObject({
      code: 'CIPHERTEXT_INVALID',
    });
  });

  test.each<[string, Partial<FieldPlace>]>([
    ['customer', { customerId: 'cust-2' }],
    ['tenant', { tenantId: 'globex' }],
  ])('has a key that is not among those of another %s', async (_, other) => {
    const { cipher } = openEncryption();
    const sealed = await cipher.seal(place, 'x');
    await expect(cipher.open({ ...place, ...other }, sealed)).rejects.toMatchObject({ code: 'KEY_MISSING' });
  });

  test('that was changed in any place is refused', async () => {
    const { cipher } = openEncryption();
    const sealed = await cipher.seal(place, 'something');
    const [version = '', id = '', text = ''] = sealed.split('.');
    const bytes = Buffer.from(text, 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(
        cipher.open(place, [version, id, changed.toString('base64url')].join('.')),
      ).rejects.toMatchObject({
        code: 'CIPHERTEXT_INVALID',
      });
    }
  });
});

describe('keys', () => {
  test('of a new customer cost one read and one write, and then none, and no vault', async () => {
    const { cipher, ports } = openEncryption();
    await cipher.hash(TENANT, 'body');
    const { rings, vault } = ports;
    const before = { ...rings.requests, ...vault.calls };
    await Promise.all(Array.from({ length: 20 }, () => cipher.seal(place, 'x')));
    await cipher.open(place, await cipher.seal(place, 'x'));
    await cipher.hash(place, 'body');
    expect({ ...rings.requests, ...vault.calls }).toEqual({
      ...before,
      read: before.read + 1,
      write: before.write + 1,
    });
  });

  test('that two instances make at once for one customer are one key', async () => {
    const one = openEncryption();
    const other = openEncryption(one.ports);
    const sealed = await Promise.all([one.cipher.seal(place, 'a'), other.cipher.seal(place, 'b')]);
    expect(new Set(sealed.map((text) => text.split('.')[1])).size).toBe(1);
    expect(await one.cipher.open(place, sealed[1])).toEqual({ kind: 'opened', value: 'b' });
  });

  test('that another instance made are found though this one has read the ring before', async () => {
    const one = openEncryption();
    const other = openEncryption(one.ports);
    await expect(one.cipher.open(place, 'v1.nobody-s-key.AAAA')).rejects.toMatchObject({
      code: 'KEY_MISSING',
    });
    const sealed = await other.cipher.seal(place, 'x');
    expect(await one.cipher.open(place, sealed)).toEqual({ kind: 'opened', value: 'x' });
  });

  test('are in no store in plain text, and are held for a bounded time', async () => {
    let nowMs = 0;
    const { keys, cipher, ports } = openEncryption({ clock: { nowMs: () => nowMs }, cacheMs: 1_000 });
    const sealed = await cipher.seal(place, 'x');
    const { encryption, hashing } = await keys.current(place);
    for (const part of [encryption, hashing]) {
      for (const form of ['base64', 'base64url', 'hex'] as const)
        expect(ports.rings.dump()).not.toContain(Buffer.from(part).toString(form));
    }
    const { read } = ports.rings.requests;
    nowMs = 999;
    await cipher.open(place, sealed);
    expect(ports.rings.requests.read).toBe(read);
    nowMs = 1_000;
    await cipher.open(place, sealed);
    expect(ports.rings.requests.read).toBeGreaterThan(read);
  });

  test('that cannot be had now are asked for again', async () => {
    const { ports } = openEncryption();
    let isAway = true;
    const vault = {
      ...ports.vault,
      wrap: (key: Uint8Array) => (isAway ? Promise.reject(new Error('away')) : ports.vault.wrap(key)),
    };
    const cipher = createFieldCipher(createUnlockedKeys({ ...ports, vault }));
    await expect(cipher.seal(place, 'x')).rejects.toThrow('away');
    isAway = false;
    expect((await cipher.seal(place, 'x')).startsWith('v1.')).toBe(true);
  });
});

describe('a keyed hash', () => {
  test('matches the same body under any key that is left, and no other body', async () => {
    const { cipher, keys, ports } = openEncryption();
    const { text } = await cipher.hash(TENANT, 'body');
    await rotateKeys(ports, keys, TENANT);
    const again = await cipher.hash(TENANT, 'body');
    expect(again.text).not.toBe(text);
    expect([again.matches(text), again.matches(again.text)]).toEqual([true, true]);
    expect((await cipher.hash(TENANT, 'other body')).matches(text)).toBe(false);
    expect((await cipher.hash({ tenantId: 'globex' }, 'body')).matches(text)).toBe(false);
  });
});

describe('a rotation', () => {
  test('wraps every key anew, and whatever was encrypted stays readable on every instance', async () => {
    const { cipher, keys, ports } = openEncryption();
    const other = openEncryption(ports);
    const places = Array.from({ length: 5 }, (_, n) => ({ ...place, customerId: `cust-${n}` }));
    const sealed = await Promise.all(places.map((one) => cipher.seal(one, one.customerId)));
    await other.cipher.seal({ ...place, customerId: 'cust-0' }, 'x');
    ports.vault.rotate();
    expect(await rotateKeys(ports, keys, TENANT, 3)).toMatchObject({ rewrapped: 3, isMore: true });
    const { keyId, ...rest } = await rotateKeys(ports, keys, TENANT, 3);
    expect(rest).toEqual({ rewrapped: 2, isMore: false });
    expect(await ports.rings.notWrappedBy(TENANT, keyId, 10)).toEqual([]);
    expect(ports.rings.dump()).not.toContain('"wrappedBy":"vault-1"');
    for (const instance of [cipher, other.cipher, openEncryption(ports).cipher]) {
      for (const [index, one] of places.entries())
        expect(await instance.open(one, sealed[index] ?? '')).toEqual({
          kind: 'opened',
          value: one.customerId,
        });
    }
    expect((await other.cipher.seal({ ...place, customerId: 'new' }, 'x')).length).toBeGreaterThan(0);
  });
});
