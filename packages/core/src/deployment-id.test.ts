import { describe, expect, it } from '@jest/globals';
import { isId } from '@kubidu/contracts';

import { newDeploymentId } from './deployment-id.ts';

describe('The id of a deployment', () => {
  it('sorts by the time it was made at, whatever its random part', () => {
    const times = [0, 1, 31, 32, 1_700_000_000_000, 1_700_000_000_001, 1_795_000_000_000, 2 ** 44];
    const ids = times.map((ms, at) => newDeploymentId(ms, new Uint8Array(10).fill(255 - at)));
    expect([...ids].sort()).toEqual(ids);
  });

  it('names a stream, an image’s tag and a label', () => {
    const id = newDeploymentId(1_700_000_000_000, Uint8Array.from([0, 31, 32, 255, 7, 9, 10, 11, 12, 13]));
    expect(id).toMatch(/^[0-9a-z]{20}$/);
    expect(isId(id)).toBe(true);
  });

  it('differs with its random part', () => {
    expect(newDeploymentId(5, new Uint8Array(10))).not.toBe(newDeploymentId(5, new Uint8Array(10).fill(1)));
  });
});
