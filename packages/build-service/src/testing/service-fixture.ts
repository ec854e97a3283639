import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { LogEntry, StreamId } from '@kubidu/contracts';
import { decodeBatch, newDeploymentId } from '@kubidu/core';
import type { BuildJob, Deployments, ImageBuilder, LogStore } from '@kubidu/core';
import { openRedisStore } from '@kubidu/store-redis';
import type { RedisStore } from '@kubidu/store-redis';
