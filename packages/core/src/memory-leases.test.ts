import { describeLeases } from '@kubidu/testing/leases.conformance';

import { MemoryLeases } from './memory-leases.ts';

describeLeases('Memory', () => Promise.resolve(new MemoryLeases()));
