import { randomUUID } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';
import type { Leases } from '@kubidu/core';

/** What every Leases does. `open` gives a holder of which this suite disposes. */
export function describeLeases(adapter: string, open: () => Promise<Leases>): void {
  describe(`${adapter} as Leases`, () => {
    const uniqueName = () => `runtime:l-${randomUUID()}`;

    it('gives a name to one at a time', async () => {
      await using leases = await open();
      const name = uniqueName();
      const held = await leases.acquire(name);
      expect(held?.lost.aborted).toBe(false);
      expect(await leases.acquire(name)).toBeUndefined();
      expect(await leases.acquire(uniqueName())).toBeDefined();
      await held?.release();
      expect(await leases.acquire(name)).toBeDefined();
    });

    it('gives one of 20 who ask at once the lease', async () => {
      await using leases = await open();
      const name = uniqueName();
      const given = await Promise.all(Array.from({ length: 20 }, () => leases.acquire(name)));
      expect(given.filter((lease) => lease !== undefined)).toHaveLength(1);
    });

    it('gives each holder of a name a greater fence', async () => {
      await using leases = await open();
      const name = uniqueName();
      let before = 0;
      for (let round = 0; round < 20; round++) {
        const held = await leases.acquire(name);
        expect(held?.fence).toBeGreaterThan(before);
        before = held?.fence ?? 0;
        await held?.release();
      }
    });

    it('takes a release twice, and none that is not its holder’s', async () => {
      await using leases = await open();
      const name = uniqueName();
      const first = await leases.acquire(name);
      await first?.release();
      await first?.release();
      const second = await leases.acquire(name);
      await first?.release();
      expect(second?.lost.aborted).toBe(false);
      expect(await leases.acquire(name)).toBeUndefined();
    });

    it('frees what was held when it is closed', async () => {
      const leases = await open();
      const name = uniqueName();
      await leases.acquire(name);
      await leases[Symbol.asyncDispose]();
      await using others = await open();
      expect(await others.acquire(name)).toBeDefined();
    });
  });
}
