// Options of the ingestion of Application Insights, which spans and metrics are sent with.
import { DefaultAzureCredential } from '@azure/identity';
import type { AzureMonitorExporterOptions } from '@azure/monitor-opentelemetry-exporter';
import type { ExportSettings } from '../telemetry/traces/exporter';
import { clientIdIn } from './authentication';

/** The client has no time-out of its own: a service that takes a request and never answers would keep it for ever. */
const DEADLINE_MS = 10_000;

type Policies = NonNullable<AzureMonitorExporterOptions['additionalPolicies']>;

const deadline: Policies[number] = {
  position: 'perRetry',
  policy: {
    name: 'deadline',
    sendRequest: (request, next) => {
      request.timeout = DEADLINE_MS;
      return next(request);
    },
  },
};

export function ingestionOptions(settings: ExportSettings): AzureMonitorExporterOptions {
  // What the SDK tells its makers about itself.
  process.env['APPLICATION_INSIGHTS_NO_STATSBEAT'] ??= 'true';
  process.env['APPLICATIONINSIGHTS_SDKSTATS_DISABLED'] ??= 'true';
  const identity = clientIdIn(settings.appInsightsAuthentication);
  return {
    connectionString: settings.appInsightsConnectionString,
    disableOfflineStorage: true,
    additionalPolicies: [deadline],
    ...(identity === undefined ? {} : { credential: new DefaultAzureCredential(identity) }),
  };
}
