// Sender of one message with rhea itself, for ids of AMQP types that the official SDK does not know.
import { create_container, message, type EventContext, type Message } from 'rhea';

/** Sends `sent` to `address` of the broker at `url` (`sb://127.0.0.1:<port>`); resolves once it is accepted. */
export async function sendRaw(url: string, address: string, sent: Message): Promise<void> {
  const [, host = '', port] = /^sb:\/\/(.+):(\d+)/.exec(url) ?? [];
  const connection = create_container().connect({
    ...{ host, port: Number(port), username: 'anybody', password: 'x', reconnect: false },
  });
  try {
    const sender = connection.open_sender({ target: { address } });
    await new Promise<void>((resolve, reject) => {
      sender.once('sendable', () => sender.send(message.encode(sent) as unknown as Message, undefined, 0));
      sender.once('accepted', () => resolve());
      sender.once('rejected', (context: EventContext) =>
        reject(new Error(`refused: ${JSON.stringify(context.delivery?.remote_state)}`)),
      );
      connection.once('disconnected', () => reject(new Error('disconnected')));
    });
  } finally {
    connection.close();
  }
}
