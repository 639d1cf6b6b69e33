// Program of the app's thread: starts the app once the host begins it, runs what the host asks for and answers. It knows no trigger.
import type { MessagePort } from 'node:worker_threads';
import { keepCode } from '../kit/code-cache';
import { createLogFilter } from '../kit/log';
import type { TypedData } from './core-types';
import { HostStartError } from './errors';
import type { AppWorker, InvocationOrder } from './app-worker';
import { startApp } from './loaded-app';
import type { BeginApp, FromApp, ToApp } from './app-thread-messages';
import { encodeThrown } from './thrown';
import { createTurnBatch, type TurnBatch } from './turn-batch';

export async function runAppThread(host: MessagePort): Promise<void> {
  const { appRoot, environment, logFilter } = await new Promise<BeginApp>((resolve) =>
    host.once('message', resolve),
  );
  Object.assign(process.env, environment);
  const answers = createTurnBatch<FromApp>(
    (batch) => host.postMessage(batch),
    (message, error) => {
      if (message.kind !== 'ran') throw error;
      answers.sayAtOnce({ kind: 'threw', id: message.id, thrown: encodeThrown(error) });
    },
  );
  const isLogged = createLogFilter(logFilter);
  let app: AppWorker;
  try {
    app = await startApp(appRoot, (level, category, message, error) => {
      if (!isLogged(level, category)) return;
      const thrown = error === undefined ? undefined : { error: encodeThrown(error) };
      // A handler that ends the thread has said it before.
      answers.sayAtOnce({ kind: 'log', level, category, message, ...thrown });
    });
  } catch (error) {
    answers.say({
      kind: 'refused',
      isExpected: error instanceof HostStartError,
      thrown: encodeThrown(error),
    });
    return;
  }
  host.on('message', (batch: readonly ToApp[]) => {
    for (const message of batch) void obey(message, app, answers);
  });
  const { entryFile, functions } = app;
  // Metadata is data; a function in it, which could not be sent, would not reach the platform's host either.
  answers.say({
    kind: 'started',
    entryFile,
    functions: JSON.parse(JSON.stringify(functions)) as typeof functions,
  });
}

async function obey(message: ToApp, app: AppWorker, answers: TurnBatch<FromApp>): Promise<void> {
  switch (message.kind) {
    case 'invoke':
      await run(message, app, answers);
      return;
    case 'arguments':
      app.addArguments(message.added);
      return;
    case 'close':
      await app.close();
      keepCode();
      await Promise.all([process.stdout, process.stderr].map(written));
      answers.say({ kind: 'closed' });
  }
}

/** Resolves when the main thread has what was printed: the end of the thread would take it along. */
const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => void stream.write('', () => resolve()));

async function run(
  { id, ...order }: ToApp & { readonly kind: 'invoke' },
  app: AppWorker,
  answers: TurnBatch<FromApp>,
): Promise<void> {
  try {
    const result = await app.invoke({ ...order, inputData: order.inputData.map(withBuffers) });
    answers.say({ kind: 'ran', id, ...result });
  } catch (error) {
    answers.say({ kind: 'threw', id, thrown: encodeThrown(error) });
  }
}

/** A Buffer arrives as the Uint8Array that it is made of; the SDK gets a Buffer from the platform's worker. */
const withBuffers = ({ name, data }: Input): Input => ({ name, data: data && dataWithBuffers(data) });

type Input = InvocationOrder['inputData'][number];

function dataWithBuffers(data: TypedData): TypedData {
  const { bytes, http, collectionBytes, modelBindingData, collectionModelBindingData } = data;
  if (bytes !== undefined) return { bytes: asBuffer(bytes) };
  if (http?.body !== undefined && http.body !== null)
    return { http: { ...http, body: dataWithBuffers(http.body) } };
  if (collectionBytes !== undefined)
    return { collectionBytes: { bytes: collectionBytes.bytes.map(asBuffer) } };
  if (modelBindingData !== undefined) {
    return { modelBindingData: { ...modelBindingData, content: asBuffer(modelBindingData.content) } };
  }
  if (collectionModelBindingData === undefined) return data;
  return {
    collectionModelBindingData: {
      modelBindingData: collectionModelBindingData.modelBindingData.map((each) => ({
        ...each,
        content: asBuffer(each.content),
      })),
    },
  };
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
