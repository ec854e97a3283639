import { z } from 'zod';

import { STREAM_KINDS } from './stream-id.ts';

/** What may stand behind the colon of a stream's name; also the id of a service, a deployment, a job or a bot. */
export const Id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'must be 1 to 128 letters, digits, dots, dashes or underscores');

/** The name of a stream. */
export const StreamName = z.templateLiteral([z.enum(STREAM_KINDS), ':', Id], {
  error: 'must be <kind>:<id>, like runtime:web',
});
