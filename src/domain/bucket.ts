// Buckets of orders, told from the first bits of their ids: the same for an order everywhere and always. Pure.

/** The bucket of an order among 2 to the power of `bits` (1 to 32). */
export function bucketOf(orderId: string, bits: number): number {
  return Number.parseInt(orderId.slice(0, 8), 16) >>> (32 - bits);
}
