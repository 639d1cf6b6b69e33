import fc from 'fast-check';
import { leasesToTake, type SharedLease } from '../../src/host/cosmos/lease-balance';

const leases = (...owners: (string | undefined)[]): SharedLease[] =>
  owners.map((owner, index) => ({ id: String(index), owner }));

test('a host that is the first takes every lease', () => {
  expect(leasesToTake(leases(undefined, undefined, undefined), 'me')).toEqual(['0', '1', '2']);
});

test('the lease of the only range stays where it is while its owner renews it', () => {
  expect(leasesToTake(leases('other'), 'me')).toEqual([]);
});

test('a host that comes later takes one lease at a time of a host that has more than its share', () => {
  expect(leasesToTake(leases('other', 'other'), 'me')).toEqual(['0']);
  expect(leasesToTake(leases('me', 'other'), 'me')).toEqual([]);
});

test('a lease without an owner is taken even by a host that has its share', () => {
  expect(leasesToTake(leases('me', 'other', undefined), 'me')).toEqual(['2']);
  expect(leasesToTake(leases('me', undefined), 'me')).toEqual(['1']);
});

test('whoever has what, the hosts that go on looking have shares that differ by one at most, and nothing moves then', () => {
  const setting = fc.record({
    owners: fc.array(fc.option(fc.constantFrom('a', 'b', 'c', 'dead'), { nil: undefined }), {
      minLength: 1,
      maxLength: 12,
    }),
    hosts: fc.shuffledSubarray(['a', 'b', 'c'], { minLength: 1 }),
  });
  fc.assert(
    fc.property(setting, ({ owners, hosts }) => {
      // What a host held that looks no more has expired.
      let now = leases(
        ...owners.map((owner) => (owner !== undefined && hosts.includes(owner) ? owner : undefined)),
      );
      const look = (host: string): boolean => {
        const taken = leasesToTake(now, host);
        now = now.map((lease) => (taken.includes(lease.id) ? { ...lease, owner: host } : lease));
        return taken.length > 0;
      };
      for (let round = 0; round < owners.length + 2; round += 1) for (const host of hosts) look(host);
      const counts = hosts.map((host) => now.filter(({ owner }) => owner === host).length);
      expect(now.every(({ owner }) => owner !== undefined)).toBe(true);
      expect(Math.max(...counts)).toBeLessThanOrEqual(Math.ceil(owners.length / hosts.length));
      expect(hosts.some(look)).toBe(false);
    }),
  );
});
