import { SetMetadata } from '@nestjs/common';
import type { ErrorCode } from '@kubidu/contracts';
import type { z } from 'zod';

/** A body that is not JSON: its types, and what it holds. */
export interface OtherBody {
  readonly types: readonly string[];
  readonly description: string;
}

/** What the API's description (`/api/docs`) says of a route besides what its decorators and pipes say by themselves. */
export interface Description {
  /** One sentence, without a full stop. */
  readonly summary: string;
  /** What it does that the summary leaves open, in sentences. */
  readonly details?: string;
  /** What it answers where all is well: the schema of its JSON, or the types of anything else. */
  readonly answer: z.ZodType | OtherBody;
  /** Errors it has beyond those that every route has. */
  readonly errors?: readonly ErrorCode[];
  /** Its query, where no pipe of the handler has the schema. */
  readonly query?: z.ZodType;
  /** Its body, where that is not JSON. */
  readonly body?: OtherBody;
  /** Whether anybody may ask it, without a token. */
  readonly open?: boolean;
}

export const DESCRIPTION = 'kubidu:description';

/** Describes a route for `/api/docs`. Every route has to have this: a test tells which one has not. */
export const Described = (description: Description): MethodDecorator => SetMetadata(DESCRIPTION, description);
