import { describeServiceOwners } from '@kubidu/testing/service-owners.conformance';

import { MemoryServiceOwners } from './memory-service-owners.ts';

describeServiceOwners('Memory', (keepMs) => Promise.resolve(new MemoryServiceOwners(keepMs)));
