// What a chaos run's operator does with orders that wore out their deliveries, against the broker and an API that answers.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { makePlan } from '../../tools/chaos/make-plan';
import { lettersOf } from '../../tools/chaos/peek';
import { createSender } from '../../tools/chaos/sender';
import { openServiceBus } from 'azure-local/testing/servicebus-fixture';
import config from '../../local/servicebus/Config.json';

test('the dead letters that are waited for are sent over HTTP under their own keys, until each is taken', async () => {
  const bus = await openServiceBus(config);
  const asked: { readonly key: unknown; readonly body: unknown }[] = [];
  const api = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({ key: request.headers['idempotency-key'], body: JSON.parse(body) });
      const isTaken = asked.length > 1;
      response.writeHead(isTaken ? 202 : 503, { 'retry-after': '1' }).end(isTaken ? '{"id":"order-1"}' : '');
    });
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  try {
    const servicebus = /sb:\/\/[^;]+/.exec(bus.connectionString)?.[0] ?? '';
    const { placed } = makePlan({
      seed: 1,
      orders: 3,
      durationMs: 10,
      kills: 0,
      kinds: [],
      storage: 'atomic',
    });
    const [waiting = '', other = ''] = placed.map(({ key }) => key);
    for (const messageId of [waiting, other]) {
      const body = Buffer.from(`{"customerId":"of-${messageId}"}`);
      await bus.client
        .createSender('orders')
        .sendMessages({ messageId, contentType: 'application/json', body });
    }
    const receiver = bus.client.createReceiver('orders');
    for (const message of await receiver.receiveMessages(2)) await receiver.deadLetterMessage(message);

    const letters = await lettersOf(servicebus, new Set([waiting, 'not there']));
    const sender = createSender(placed, {
      api: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
      servicebus,
    });
    await sender.takeUp(letters, new AbortController().signal);
    await sender.close();

    const post = { key: waiting, body: { customerId: `of-${waiting}` } };
    expect(asked).toEqual([post, post]);
    expect(sender.sent.filter(({ isTakenUp }) => isTakenUp)).toMatchObject([
      { planned: { key: waiting }, taken: ['http'], orderIds: new Set(['order-1']), odd: [] },
    ]);
  } finally {
    api.close();
    await bus.close();
  }
});
