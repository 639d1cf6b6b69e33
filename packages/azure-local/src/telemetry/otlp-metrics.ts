// Parser of the body of `POST /v1/metrics`: OTLP/JSON as OpenTelemetry's exporters send it. Sums, gauges and histograms; what else
// there is is not kept.
import { z } from 'zod';
import { attributes, nanos, toMs, valuesOf } from './otlp-spans';

/** Where a series stood when it was sent last. Times are milliseconds since 1970. */
export interface StoredSeries {
  readonly name: string;
  readonly service: string;
  readonly instance: string;
  readonly kind: 'sum' | 'gauge' | 'histogram';
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly atMs: number;
  /** Of a histogram: the sum of its values. */
  readonly value: number;
  /** Of a histogram: how many values. */
  readonly count?: number;
}

const whole = z.union([z.string().regex(/^-?\d{1,20}$/), z.number()]).transform(Number);
const point = z.object({ timeUnixNano: nanos, attributes });
const numbers = z.object({
  dataPoints: z.array(point.extend({ asDouble: z.number().optional(), asInt: whole.optional() })).default([]),
});
const distributions = z.object({
  dataPoints: z.array(point.extend({ count: whole, sum: z.number().optional() })).default([]),
});
const metric = z.object({
  name: z.string().min(1).max(256),
  sum: numbers.optional(),
  gauge: numbers.optional(),
  histogram: distributions.optional(),
});
const request = z.object({
  resourceMetrics: z
    .array(
      z.object({
        resource: z.object({ attributes }).optional(),
        scopeMetrics: z.array(z.object({ metrics: z.array(metric).default([]) })).default([]),
      }),
    )
    .default([]),
});

/** The series in a request, or in a sentence what is wrong with it. */
export function readOtlpMetrics(json: unknown): readonly StoredSeries[] | string {
  const parsed = request.safeParse(json);
  if (!parsed.success) return `not an OTLP request of metrics: ${z.prettifyError(parsed.error)}`;
  return parsed.data.resourceMetrics.flatMap(({ resource, scopeMetrics }) => {
    const of = valuesOf(resource?.attributes ?? []);
    const service = String(of['service.name'] ?? '');
    const instance = String(of['service.instance.id'] ?? '');
    return scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap((one) => seriesOf(one).map((series) => ({ ...series, service, instance }))),
    );
  });
}

type OneSeries = Omit<StoredSeries, 'service' | 'instance'>;

function seriesOf({ name, sum, gauge, histogram }: z.output<typeof metric>): readonly OneSeries[] {
  return [
    ...numbersOf(name, 'sum', sum),
    ...numbersOf(name, 'gauge', gauge),
    ...(histogram?.dataPoints ?? []).map(({ sum: value = 0, count, ...where }): OneSeries => ({
      ...{ name, kind: 'histogram', value, count },
      ...placeOf(where),
    })),
  ];
}

function numbersOf(
  name: string,
  kind: 'sum' | 'gauge',
  given: z.output<typeof numbers> | undefined,
): readonly OneSeries[] {
  return (given?.dataPoints ?? []).map(({ asDouble, asInt, ...where }) => ({
    ...{ name, kind, value: asDouble ?? asInt ?? 0 },
    ...placeOf(where),
  }));
}

const placeOf = (where: z.output<typeof point>): Pick<OneSeries, 'attributes' | 'atMs'> => ({
  attributes: valuesOf(where.attributes),
  atMs: toMs(where.timeUnixNano),
});
