// Which emulators answer, for `npm run doctor -- --emulators`: those of docker-compose.yml, or what stands in for them
// on the same ports. Asks each in its own protocol, because another program may hold the port.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { ok, problem, type Finding } from './finding';

const CHECK = 'emulators';
const PATIENCE_MS = 2_000;
/** AMQP 1.0 with SASL, as a client begins: the other side answers with the same four letters. */
const AMQP_HEADER = Buffer.from([0x41, 0x4d, 0x51, 0x50, 3, 1, 0, 0]);

export interface EmulatorPorts {
  readonly blobs: number;
  readonly queues: number;
  readonly tables: number;
  readonly cosmos: number;
  readonly servicebus: number;
}

/** Of Azurite, which no flag changes. */
export const AZURITE_PORTS = { blobs: 10_000, queues: 10_001, tables: 10_002 } as const;

interface Emulator {
  readonly name: string;
  readonly port: number;
  /** What answers there; rejects when nothing that it could be does. */
  readonly ask: (port: number) => Promise<string>;
  readonly start: string;
}

const BY_COMPOSE = 'docker compose up --wait';

const emulators = (ports: EmulatorPorts): readonly Emulator[] => [
  ...(['blobs', 'queues', 'tables'] as const).map((kind) => ({
    name: `Azurite (${kind})`,
    port: ports[kind],
    ask: askAzurite,
    start: `\`npx azurite\` or \`${BY_COMPOSE}\``,
  })),
  {
    name: 'Cosmos DB',
    port: ports.cosmos,
    ask: askCosmos,
    start: `\`npm run emulators\` or \`${BY_COMPOSE}\``,
  },
  {
    name: 'Service Bus',
    port: ports.servicebus,
    ask: askServiceBus,
    start: `\`npm run emulators\` or \`${BY_COMPOSE}\``,
  },
];

/** One finding each; what does not answer is an error. */
export async function checkEmulators(ports: EmulatorPorts): Promise<Finding[]> {
  return Promise.all(
    emulators(ports).map(async ({ name, port, ask, start }) => {
      try {
        return ok(CHECK, `${name} on ${port}: ${await ask(port)}`);
      } catch (error) {
        const why = (error as Error).message;
        return problem(CHECK, `${name} does not answer on ${port}: ${why}`, `Start it: ${start}.`);
      }
    }),
  );
}

async function askAzurite(port: number): Promise<string> {
  const { headers } = await answerOf(httpRequest, `http://127.0.0.1:${port}/devstoreaccount1?comp=list`);
  const server = String(headers.server ?? '');
  if (!server.startsWith('Azurite')) throw new Error(`something that is not Azurite holds the port`);
  return server;
}

/** The official one speaks http or https, by its setting PROTOCOL; .NET clients (Core Tools) need https. */
async function askCosmos(port: number): Promise<string> {
  const own = await answerOf(httpRequest, `http://127.0.0.1:${port}/_lookalike/counters`).catch(
    () => undefined,
  );
  if (own?.statusCode === 200) return 'the look-alike of this project, over http';
  if (own !== undefined) return 'an emulator over http';
  await answerOf(httpsRequest, `https://127.0.0.1:${port}/`);
  return 'an emulator over https';
}

function askServiceBus(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: PATIENCE_MS });
    const end = (error?: Error): void => {
      socket.destroy();
      if (error === undefined) resolve('a broker that speaks AMQP');
      else reject(error);
    };
    socket.on('connect', () => socket.write(AMQP_HEADER));
    socket.on('data', (bytes) =>
      end(
        bytes.subarray(0, 4).equals(AMQP_HEADER.subarray(0, 4)) ? undefined : new Error('no AMQP is spoken'),
      ),
    );
    socket.on('timeout', () => end(new Error('no answer')));
    socket.on('close', () => end(new Error('it closes the connection')));
    socket.on('error', end);
  });
}

function answerOf(request: typeof httpRequest, url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // The certificate of an emulator is one of its own making; nothing but a greeting goes there.
    const options = { timeout: PATIENCE_MS, rejectUnauthorized: false };
    const asked = request(url, options, (response) => {
      response.resume();
      resolve(response);
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end();
  });
}
