// Cipher of personal data over the unlocked keys, and keyed hashes. What it promises stands in ports/field-cipher.ts.
import type { Scope } from '../domain/scope';
import { TransientError } from '../errors';
import type { FieldCipher, FieldPlace } from '../ports/field-cipher';
import { decrypt, encrypt, keyedHash, keyIdIn } from './cipher-text';
import { isErased, type UnlockedKeys } from './unlocked-keys';

export function createFieldCipher(keys: UnlockedKeys): FieldCipher {
  return {
    seal: async (place, value) => encrypt(await keys.current(ownerOf(place)), placeOf(place), toBytes(value)),
    open: async (place, sealed) => {
      const key = await keys.byId(ownerOf(place), keyIdIn(sealed));
      if (key === 'erased') return { kind: 'erased' };
      return { kind: 'opened', value: fromBytes(decrypt(key, placeOf(place), sealed)) };
    },
    sealDocument: async (tenantId, place, value) =>
      encrypt(await keys.current({ tenantId }), documentPlace(tenantId, place), toBytes(value)),
    openDocument: async (tenantId, place, sealed) => {
      const key = await keys.byId({ tenantId }, keyIdIn(sealed));
      if (key === 'erased')
        throw new TransientError('KEY_MISSING', 'the key was destroyed', { outage: true });
      return fromBytes(decrypt(key, documentPlace(tenantId, place), sealed));
    },
    hash: async (scope, body) => {
      const current = await keys.current(scope);
      const { ring, keys: all } = await keys.held(scope);
      return {
        text: keyedHash(current, body),
        matches: (stored) =>
          [current, ...all.values()].some((key) => keyedHash(key, body) === stored) ||
          isErased(ring, keyIdIn(stored)),
      };
    },
  };
}

function ownerOf({ tenantId, customerId }: FieldPlace): Scope {
  return { tenantId, customerId };
}

function placeOf({ tenantId, orderId, field }: FieldPlace): readonly string[] {
  return ['order', tenantId, orderId, field];
}

function documentPlace(tenantId: string, place: string): readonly string[] {
  return ['document', tenantId, place];
}

function toBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function fromBytes(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString('utf8'));
}
