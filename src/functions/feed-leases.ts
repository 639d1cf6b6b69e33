// How the instances of the app share the change feeds among them: the lease times of every Cosmos DB trigger.

/**
 * A feed whose reader dies stands for 20 to 40 seconds; by the platform's own times (13, 17 and 60 seconds) it was 43 to 73.
 * It costs, by the hour and feed, 360 renewals instead of 212, and 360 looks for leases by each instance instead of 277;
 * the feed itself is read 3,600 times or more. A lease outlives two renewals that fail.
 */
export const FEED_LEASES = {
  leaseAcquireInterval: 10_000,
  leaseRenewInterval: 10_000,
  leaseExpirationInterval: 30_000,
} as const;
