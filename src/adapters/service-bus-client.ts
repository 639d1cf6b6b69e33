// The connection to Service Bus: by connection string, or by managed identity when there is none.
import type { ServiceBusClient, ServiceBusClientOptions, ServiceBusError } from '@azure/service-bus';
import { TransientError } from '../errors';

export interface ServiceBusSettings {
  readonly serviceBusConnectionString: string;
  readonly serviceBusNamespace: string;
}

/** Whoever sends gets to know soon: the change feed or the next delivery tries again, not the SDK. */
const OPTIONS: ServiceBusClientOptions = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } };

/**
 * The client of the app, made at the first use and kept; it connects, and connects again, by itself. The SDK is loaded
 * then too: most processes never send, and it costs every cold start 60 ms.
 */
export function createServiceBusClient(settings: ServiceBusSettings): () => Promise<ServiceBusClient> {
  let client: Promise<ServiceBusClient> | undefined;
  return () => (client ??= open(settings));
}

async function open({
  serviceBusConnectionString,
  serviceBusNamespace,
}: ServiceBusSettings): Promise<ServiceBusClient> {
  const { ServiceBusClient } = await import('@azure/service-bus');
  if (serviceBusConnectionString !== '') return new ServiceBusClient(serviceBusConnectionString, OPTIONS);
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new ServiceBusClient(serviceBusNamespace, new DefaultAzureCredential(), OPTIONS);
}

/** Runs one broker operation. Whatever may work later becomes a TransientError with `outage`. */
export async function brokerOperation<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // The SDK wraps what it knows; sockets that cannot be opened come as plain system errors.
    if (isLasting(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new TransientError('BROKER_UNAVAILABLE', `Service Bus does not answer: ${message}`, {
      outage: true,
      cause: error,
    });
  }
}

function isLasting(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'ServiceBusError') return false;
  const { retryable, code } = error as Partial<Pick<ServiceBusError, 'retryable' | 'code'>>;
  return retryable === false && code !== 'GeneralError';
}

/** Conditions of the broker that the SDK tells in the message only, as its first word. */
const ABOUT_MESSAGE = /^(?:ArgumentError|ArgumentOutOfRangeError|DecodeError): /;

/** Whether the broker refused a message for what it is: sent again it would be refused again, and others would not be. */
export function isAboutMessage(error: unknown): error is Error {
  if (!(error instanceof Error) || error.name !== 'ServiceBusError') return false;
  const { code } = error as Partial<Pick<ServiceBusError, 'code'>>;
  return code === 'MessageSizeExceeded' || (code === 'GeneralError' && ABOUT_MESSAGE.test(error.message));
}
