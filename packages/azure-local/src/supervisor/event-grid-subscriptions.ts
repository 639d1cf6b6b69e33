// Creates the Event Grid subscriptions of the functions once they answer: as in Azure, where subscriptions are made
// after the deployment because the endpoint must answer the validation.

/** The topics of the look-alike, with the subscriptions of the app's functions. */
export interface TopicDefinitions {
  readonly topics: readonly {
    readonly name: string;
    readonly subscriptions?: readonly { readonly name: string; readonly endpointUrl: string }[];
  }[];
}

/**
 * Makes every subscription of `definitions` at the look-alike `eventgrid`, to the functions at `api`; `code` opens their
 * webhook where keys are enforced. Resolves with a sentence for each that the look-alike refused.
 */
export async function subscribeFunctions(
  definitions: TopicDefinitions,
  eventgrid: string,
  api: string,
  code?: string,
): Promise<string[]> {
  const refusals: string[] = [];
  for (const { name: topic, subscriptions = [] } of definitions.topics) {
    for (const { name, endpointUrl, ...definition } of subscriptions) {
      const endpoint = endpointUrl.replace('{functions}', api);
      const response = await fetch(`${eventgrid}/control/subscriptions/${topic}/${name}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          ...definition,
          endpointUrl: code === undefined ? endpoint : `${endpoint}&code=${encodeURIComponent(code)}`,
        }),
      });
      if (!response.ok)
        refusals.push(`Event Grid topic ${topic} does not reach ${name}: ${await response.text()}`);
    }
  }
  return refusals;
}
