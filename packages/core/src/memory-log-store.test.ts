import { describeLogStore } from '@kubidu/testing/log-store.conformance';

import { MemoryLogStore } from './memory-log-store.ts';

describeLogStore('Memory', () => Promise.resolve(new MemoryLogStore()), { capped: false });
