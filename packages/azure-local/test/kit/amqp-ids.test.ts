// Ids of messages that are no text, through rhea's codec and back.
import { message, types } from 'rhea';
import { encodableId, idText, type AmqpId } from '../../src/kit/amqp-ids';

const decoded = (id: unknown): AmqpId =>
  message.decode(message.encode({ message_id: id as string, body: 'x' })).message_id as AmqpId;

test.each<[string, unknown, string]>([
  ['a text', 'order-1', 'order-1'],
  ['an integer', types.wrap_ulong(42), '42'],
  [
    'an integer that no double holds',
    types.wrap_ulong(Buffer.from('fffffffffffffff1', 'hex')),
    '18446744073709551601',
  ],
  [
    'a UUID',
    types.wrap_uuid(Buffer.from('00112233445566778899aabbccddeeff', 'hex')),
    '00112233-4455-6677-8899-aabbccddeeff',
  ],
  ['binary', types.wrap_binary(Buffer.from('abc')), '616263'],
])('%s is written as text, and is the same after it was encoded again', (_what, sent, text) => {
  const id = decoded(sent);
  expect(idText(id)).toBe(text);
  expect(decoded(encodableId(id))).toEqual(id);
});
