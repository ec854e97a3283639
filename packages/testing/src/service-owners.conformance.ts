import { randomUUID } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';
import { KEEP_OWNERS_MS } from '@kubidu/core';
import type { Owner, ServiceOwners } from '@kubidu/core';

import { eventually } from './eventually.ts';

/**
 * What every ServiceOwners does. `open` gives one that keeps owners for so many milliseconds, of which this suite
 * disposes.
 */
export function describeServiceOwners(adapter: string, open: (keepMs: number) => Promise<ServiceOwners>): void {
  describe(`${adapter} as ServiceOwners`, () => {
    const uniqueService = () => `s-${randomUUID()}`;
    const mine: Owner = { namespace: 'mine', tenant: 'a' };
    const theirs: Owner = { namespace: 'theirs', tenant: 'b' };

    it('gives a service to the first namespace that claims it, and tells all others whose it is', async () => {
      await using owners = await open(KEEP_OWNERS_MS);
      const service = uniqueService();
      expect(await owners.owner(service)).toBeUndefined();
      expect(await owners.claim(service, mine)).toEqual(mine);
      expect(await owners.claim(service, theirs)).toEqual(mine);
      expect(await owners.owner(service)).toEqual(mine);
    });

    it('gives each service to its own', async () => {
      await using owners = await open(KEEP_OWNERS_MS);
      const services = [uniqueService(), `A.b_c-${'0'.repeat(90)}`.slice(0, 63), uniqueService().slice(0, 12)];
      const claimants = services.map((_, at) => ({ namespace: `n-${at}`, tenant: `t-${at}` }));
      await Promise.all(services.map((service, at) => owners.claim(service, claimants[at] ?? mine)));
      expect(await Promise.all(services.map((service) => owners.owner(service)))).toEqual(claimants);
    });

    it('tells 20 who claim at once the same one of them', async () => {
      await using owners = await open(KEEP_OWNERS_MS);
      const service = uniqueService();
      const claimants = Array.from({ length: 20 }, (_, at) => ({ namespace: `n-${at}`, tenant: `t-${at}` }));
      const [first, ...others] = await Promise.all(claimants.map((claimant) => owners.claim(service, claimant)));
      expect(claimants).toContainEqual(first);
      for (const other of others) expect(other).toEqual(first);
      expect(await owners.owner(service)).toEqual(first);
    });

    it.each<{ from: Owner; to: Owner }>([
      { from: { namespace: 'mine', tenant: 'a' }, to: { namespace: 'mine', tenant: 'b' } },
      { from: { namespace: 'mine', tenant: 'a' }, to: { namespace: 'mine' } },
      { from: { namespace: 'mine' }, to: { namespace: 'mine', tenant: 'a' } },
      { from: { namespace: 'mine' }, to: { namespace: 'mine' } },
    ])('takes the tenant from the owner’s latest claim: $from, then $to', async ({ from, to }) => {
      await using owners = await open(KEEP_OWNERS_MS);
      const service = uniqueService();
      expect(await owners.claim(service, from)).toEqual(from);
      expect(await owners.claim(service, to)).toEqual(to);
      expect(await owners.owner(service)).toEqual(to);
      expect(await owners.claim(service, theirs)).toEqual(to);
    });

    it('takes no tenant from the claim of another namespace', async () => {
      await using owners = await open(KEEP_OWNERS_MS);
      const service = uniqueService();
      await owners.claim(service, { namespace: 'mine' });
      expect(await owners.claim(service, theirs)).toEqual({ namespace: 'mine' });
      expect(await owners.claim(service, { ...theirs, tenant: 'a' })).toEqual({ namespace: 'mine' });
    });

    it('keeps an owner for as long as it claims again, and others’ claims do not keep it', async () => {
      await using owners = await open(1_000);
      const service = uniqueService();
      await owners.claim(service, mine);
      const until = Date.now() + 2_500;
      await eventually(async () => {
        expect(await owners.claim(service, mine)).toEqual(mine);
        return Date.now() > until;
      });
      await eventually(async () => (await owners.claim(service, theirs)).namespace === 'theirs');
      expect(Date.now()).toBeGreaterThanOrEqual(until + 900);
      expect(await owners.claim(service, mine)).toEqual(theirs);
    });

    it('knows no owner any more that did not claim again for so long', async () => {
      await using owners = await open(300);
      const service = uniqueService();
      await owners.claim(service, mine);
      await eventually(async () => (await owners.owner(service)) === undefined);
      expect(await owners.claim(service, theirs)).toEqual(theirs);
    });
  });
}
