// Converter of readings of the meter to the metric data of OpenTelemetry's SDK, as its exporters take them. No instrument of the
// SDK is made: counting stays the meter's.
import { ValueType, type HrTime } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import {
  DataPointType,
  type AggregationTemporality,
  type DataPoint,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { Period } from '../telemetry/metric-export/metric-exporter';
import type { Distribution, Point, Reading } from '../telemetry/metric-export/reading';

export interface Made {
  readonly resource: Resource;
  readonly temporality: AggregationTemporality;
  readonly period: Period;
}

export function resourceMetricsOf(
  readings: readonly Reading[],
  { resource, temporality, period }: Made,
): ResourceMetrics {
  const metrics = readings.map((reading) => metricDataOf(reading, temporality, period));
  return { resource, scopeMetrics: [{ scope: { name: 'order-saga' }, metrics }] };
}

function metricDataOf(
  reading: Reading,
  aggregationTemporality: AggregationTemporality,
  period: Period,
): MetricData {
  const { name, meaning } = reading;
  const unit = name.endsWith('_seconds') ? 's' : '';
  const descriptor = { name, description: meaning, unit, valueType: ValueType.DOUBLE };
  const common = { descriptor, aggregationTemporality };
  if (reading.kind === 'histogram') {
    const dataPoints = reading.points.map((point) => dataPointOf(point, toHistogram, period));
    return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = reading.points.map((point) => dataPointOf(point, (value) => value, period));
  return reading.kind === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
}

function dataPointOf<T, V>(
  { labels, value }: Point<T>,
  convert: (value: T) => V,
  { startMs, endMs }: Period,
): DataPoint<V> {
  return {
    startTime: toHrTime(startMs),
    endTime: toHrTime(endMs),
    attributes: labels,
    value: convert(value),
  };
}

const toHistogram = ({ bounds, counts, sum, count }: Distribution): Histogram => ({
  buckets: { boundaries: [...bounds], counts: [...counts] },
  sum,
  count,
});

/** Seconds, and the nanoseconds of the rest. */
function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1_000_000)];
}
