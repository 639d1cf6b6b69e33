// Who exports: the app and its instance.
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import type { ExportSettings } from '../telemetry/traces/exporter';

export const resourceOf = ({ serviceName, instanceId }: ExportSettings): Resource =>
  resourceFromAttributes({ 'service.name': serviceName, 'service.instance.id': instanceId });
