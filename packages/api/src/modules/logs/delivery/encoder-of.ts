import type { StreamId } from '@kubidu/contracts';

import { EventEncoder } from './event-encoder.ts';
import type { Encoder, Form } from './form.ts';
import { JobEncoder } from './job-encoder.ts';
import { SocketEncoder } from './socket-encoder.ts';

/** The encoder of a form. */
export function encoderOf(form: Form, stream: StreamId): Encoder {
  if (form === 'events') return new EventEncoder();
  if (form === 'job') return new JobEncoder();
  return new SocketEncoder(stream, form);
}
