// Events of telemetry: things that happened which whoever watches the business counts or is alarmed by, and which belong to no
// order.

export interface TelemetryEventData {
  /** A product runs out: how much there is, and the level below which that is little. */
  readonly LowStockAlert: {
    readonly productId: string;
    readonly current: number;
    readonly threshold: number;
  };
}

export interface TelemetryEvents {
  record<N extends keyof TelemetryEventData>(name: N, data: TelemetryEventData[N]): void;
}
