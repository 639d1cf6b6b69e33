// What the fuzzer takes for a right refusal: what the platform is recorded or documented to answer, and no more.
import { makesHostFail } from '../../tools/fuzz/wire/app-answer';
import { isRecordedFailure } from '../../tools/fuzz/targets/eventgrid';
import { refusalFailure } from '../../tools/fuzz/targets/queue';

describe('a 500 of the Event Grid webhook', () => {
  const WEBHOOK = 'POST /runtime/webhooks/EventGrid?functionName=HandleInventoryEvent HTTP/1.1\r\n\r\n{';
  const answer = (status: number, body: string) => ({ status, headers: new Map<string, string>(), body });
  const NOT_JSON = answer(500, '');

  test('is right, and empty, for a body that cannot be read', () => {
    expect(isRecordedFailure('functions', Buffer.from(WEBHOOK), NOT_JSON)).toBe(true);
  });

  test.each<[string, Parameters<typeof isRecordedFailure>]>([
    ['for another reason', ['functions', Buffer.from(WEBHOOK), answer(500, 'The host failed.')]],
    ['as another status', ['functions', Buffer.from(WEBHOOK), answer(502, NOT_JSON.body)]],
    ['of a topic', ['topics', Buffer.from(WEBHOOK), NOT_JSON]],
    [
      'of another path',
      ['functions', Buffer.from('POST /api/orders HTTP/1.1\r\n\r\n/runtime/webhooks/EventGrid?'), NOT_JSON],
    ],
  ])('is a failure %s', (_what, given) => {
    expect(isRecordedFailure(...given)).toBe(false);
  });
});

describe('a message that the broker refuses', () => {
  const refusal = (why: string) =>
    Object.assign(new Error(why), { name: 'ServiceBusError', code: 'GeneralError' });
  const ID_REFUSED = 'ArgumentError: The MessageId has 129 characters, over the limit of 128.';
  const ID = 'x'.repeat(128);

  test('is refused rightly for an id over 128 characters', () => {
    expect(refusalFailure(refusal(ID_REFUSED), `${ID}x`)).toBeUndefined();
  });

  test.each([
    ['its id of 128 characters', ID_REFUSED, ID],
    ['another argument, with a longer id', 'ArgumentError: The properties are too large.', `${ID}x`],
  ])('is a failure for %s', (_what, why, messageId) => {
    expect(refusalFailure(refusal(why), messageId)).toContain(why);
  });
});

describe('a request that makes the host itself fail, as recorded on the platform', () => {
  const request = (header: string): Buffer => Buffer.from(`GET / HTTP/1.1\r\n${header}\r\n\r\n€`);

  test.each(['Content-Length: 104857601', 'x-a: €'])('has the header %s', (header) => {
    expect(makesHostFail(request(header))).toBe(true);
  });

  test.each(['Content-Length: 104857600', 'x-a: é'])('has not the header %s', (header) => {
    expect(makesHostFail(request(header))).toBe(false);
  });
});
