// How the demo and the tests wait for an answer of a running system.
import { runInNewContext } from 'node:vm';
import { poll } from '../../local/demo/system-client';

const foreignError = (message: string): Error => runInNewContext('new Error(message)', { message }) as Error;

test('an error of another realm, as fetch throws it under jest, is no answer: it is asked again', async () => {
  const failures = [foreignError('fetch failed'), new Error('it answered 503')];
  const answer = await poll(
    () => {
      const failure = failures.shift();
      return failure === undefined ? Promise.resolve('an answer') : Promise.reject(failure);
    },
    () => true,
  );
  expect([answer, failures]).toEqual(['an answer', []]);
});

test.each([
  ['an error', new Error('it answered 503'), 'it answered 503'],
  ['an error of another realm', foreignError('fetch failed'), 'fetch failed'],
  ['no error', 'a text', 'a text'],
  ['nothing', undefined, 'undefined'],
])('when the time is over, what was thrown last is in the message: %s', async (_, thrown, message) => {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever is thrown
  await expect(poll(() => Promise.reject(thrown), Boolean, -1)).rejects.toThrow(`: ${message}`);
});
