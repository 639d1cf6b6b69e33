// Promise of what an exporter of the SDK says by a callback.
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** Of the SDK's ExportResultCode. */
const SUCCESS = 0;

/** Rejects where the exporter failed. */
export function exportTo(
  exporter: Pick<PushMetricExporter, 'export'>,
  metrics: ResourceMetrics,
): Promise<void> {
  return new Promise((resolve, reject) => {
    exporter.export(metrics, ({ code, error }) => {
      const result: number = code;
      if (result === SUCCESS) resolve();
      else reject(error ?? new Error('the export failed'));
    });
  });
}
