// Inventory events as a publisher sends them, in either schema, and a log that keeps its lines.
import type { LogFields } from '../../src/ports/log';

export interface InventoryEventInput {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly data: object;
}

let ids = 0;
export const inventoryEvent = (more: Partial<InventoryEventInput> = {}): InventoryEventInput => ({
  id: `event-${++ids}`,
  type: 'Inventory.StockUpdated',
  time: '2026-01-01T12:00:00Z',
  data: { productId: 'p-1', onHand: 5, reserved: 0 },
  ...more,
});

export const eventGrid = ({ id, type, time, data }: InventoryEventInput): object => ({
  ...{ id, data, eventType: type, eventTime: time, subject: 'inventory', dataVersion: '1' },
  ...{ topic: '/subscriptions/x', metadataVersion: '1' },
});

export const cloudEvent = ({ id, type, time, data }: InventoryEventInput): object => ({
  ...{ id, type, time, data, source: '/inventory', specversion: '1.0', datacontenttype: 'application/json' },
});

export interface Line {
  readonly level: string;
  readonly event: string;
  readonly fields: LogFields;
}

export function rememberingLog() {
  const lines: Line[] = [];
  const at = (level: string) => (event: string, fields: LogFields) =>
    void lines.push({ level, event, fields });
  return { lines, log: { info: at('info'), warn: at('warn'), error: at('error') } };
}
