// Reader of local/servicebus/Config.json for docs/capacity.md: the subscriptions that the topic of events can have.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Subscription } from './deployment';

const ruleSchema = z.object({
  Properties: z.object({ CorrelationFilter: z.object({ Label: z.string().optional() }) }),
});

const emulatorSchema = z.object({
  UserConfig: z.object({
    Namespaces: z.array(
      z.object({
        Topics: z.array(
          z.object({
            Subscriptions: z.array(z.object({ Name: z.string(), Rules: z.array(ruleSchema).optional() })),
          }),
        ),
      }),
    ),
  }),
});

/**
 * Every subscription that consumers can have, without that of choreographed sagas (docs/choreography.md), by the definition for the emulators; infra tests hold
 * the template to it.
 */
export function subscriptionsIn(root: string): Subscription[] {
  const file = path.join(root, 'local/servicebus/Config.json');
  const { UserConfig } = emulatorSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return UserConfig.Namespaces.flatMap(({ Topics }) => Topics)
    .flatMap(({ Subscriptions }) => Subscriptions)
    .filter(
      ({ Rules }) => Rules?.[0]?.Properties.CorrelationFilter.Label !== undefined || Rules === undefined,
    )
    .map(({ Name, Rules = [] }) => ({ name: Name, eventType: Rules[0]?.Properties.CorrelationFilter.Label }));
}
