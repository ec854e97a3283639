import { describeDeployments } from '@kubidu/testing/deployments.conformance';

import { MemoryDeployments } from './memory-deployments.ts';

describeDeployments('Memory', () => Promise.resolve(new MemoryDeployments()));
