// Reader of azure-local.json in an app's folder: what the app needs of the platform, and the settings that lead it there.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { TopicDefinitions } from './event-grid-subscriptions';
import { StartError, type PlatformUrls } from './processes';
import type { Settings } from './settings';

export const NEEDS_FILE = 'azure-local.json';

const needs = z.strictObject({
  /** Queues and topics, in the form of the official Service Bus emulator's Config.json. */
  servicebus: z.record(z.string(), z.unknown()).optional(),
  /** Topics and the subscriptions of functions to them. */
  eventgrid: z
    .strictObject({
      topics: z.array(
        z.looseObject({
          name: z.string(),
          subscriptions: z.array(z.looseObject({ name: z.string(), endpointUrl: z.string() })).default([]),
        }),
      ),
    })
    .optional(),
  /** App settings; `{cosmos}`, `{servicebus}`, `{eventgrid}` and `{telemetry}` stand for connection strings and endpoints. */
  settings: z.record(z.string(), z.string()).optional(),
});

export interface AppNeeds {
  readonly servicebus: unknown;
  readonly eventgrid: TopicDefinitions;
  readonly settings: Settings;
}

/**
 * Reads the file in `appRoot`; an app without one has no queues, topics and settings.
 * @throws StartError that names the file and what is wrong in it.
 */
export function readAppNeeds(appRoot: string): AppNeeds {
  const file = path.join(appRoot, NEEDS_FILE);
  const parsed = needs.safeParse(parse(file));
  if (!parsed.success) throw new StartError(`${file} is not valid:\n${z.prettifyError(parsed.error)}`);
  const { servicebus, eventgrid, settings } = parsed.data;
  return {
    servicebus: servicebus ?? NO_ENTITIES,
    eventgrid: eventgrid ?? { topics: [] },
    settings: settings ?? {},
  };
}

const NO_ENTITIES = {
  UserConfig: { Namespaces: [{ Name: 'sbemulatorns', Queues: [], Topics: [] }] },
};

function parse(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StartError(`${file} is not JSON: ${(error as Error).message}.`);
  }
}

/** The settings with their placeholders filled in. */
export function fillSettings(
  settings: Settings,
  values: Readonly<Record<keyof PlatformUrls, string>>,
): Settings {
  const filled = Object.entries(settings).map(([name, value]): [string, string] => [
    name,
    value.replace(
      /\{(cosmos|servicebus|eventgrid|telemetry)\}/g,
      (_text, key: keyof PlatformUrls) => values[key],
    ),
  ]);
  return Object.fromEntries(filled);
}
