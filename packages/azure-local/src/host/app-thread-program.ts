// Program of the app's thread: starts the app, runs what the host asks for and answers. It knows no trigger.
import type { MessagePort } from 'node:worker_threads';
import type { InvocationRequest, TypedData } from './core-types';
import { HostStartError } from './errors';
import type { AppWorker, InvocationOrder } from './app-worker';
import { startApp } from './loaded-app';
import type { FromApp, ThreadData, ToApp } from './app-thread-messages';
import { encodeThrown } from './thrown';

export async function runAppThread(host: MessagePort, { appRoot }: ThreadData): Promise<void> {
  const send = (message: FromApp): void => host.postMessage(message);
  let app: AppWorker;
  try {
    app = await startApp(appRoot, (level, category, message, error) =>
      send({
        kind: 'log',
        level,
        category,
        message,
        ...(error === undefined ? undefined : { error: encodeThrown(error) }),
      }),
    );
  } catch (error) {
    send({ kind: 'refused', isExpected: error instanceof HostStartError, thrown: encodeThrown(error) });
    return;
  }
  host.on('message', (message: ToApp) => void obey(message, app, send));
  const { entryFile, functions } = app;
  // Metadata is data; a function in it, which could not be sent, would not reach the platform's host either.
  send({ kind: 'started', entryFile, functions: JSON.parse(JSON.stringify(functions)) as typeof functions });
}

async function obey(message: ToApp, app: AppWorker, send: (message: FromApp) => void): Promise<void> {
  switch (message.kind) {
    case 'invoke':
      await run(message.id, message.order, app, send);
      return;
    case 'arguments':
      app.addArguments(message.added);
      return;
    case 'close':
      await app.close();
      await Promise.all([process.stdout, process.stderr].map(written));
      send({ kind: 'closed' });
  }
}

/** Resolves when the main thread has what was printed: the end of the thread would take it along. */
const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => void stream.write('', () => resolve()));

async function run(
  id: number,
  order: InvocationOrder,
  app: AppWorker,
  send: (message: FromApp) => void,
): Promise<void> {
  try {
    const result = await app.invoke({ ...order, request: withBuffers(order.request) });
    send({ kind: 'ran', id, result });
  } catch (error) {
    send({ kind: 'threw', id, thrown: encodeThrown(error) });
  }
}

/** A Buffer arrives as the Uint8Array that it is made of; the SDK gets a Buffer from the platform's worker. */
function withBuffers(request: InvocationRequest): InvocationRequest {
  return {
    ...request,
    inputData: request.inputData.map(({ name, data }) => ({ name, data: data && dataWithBuffers(data) })),
  };
}

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
