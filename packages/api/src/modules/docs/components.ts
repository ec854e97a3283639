import { isDeepStrictEqual } from 'node:util';

import { z } from 'zod';

/** A JSON Schema of draft 2020-12. */
export type Json = Readonly<Record<string, unknown>>;

type Io = 'input' | 'output';

const REF = '#/components/schemas/';

/** JSON Schemas of zod's, those with a name once and under it. */
export class Components {
  readonly #names = z.registry<{ id: string }>();
  readonly #made = new Map<Io, Readonly<Record<string, Json>>>();
  readonly #used = new Map<string, Json>();

  /** @param named schemas by name, like the exports of a module; what is no schema is passed over */
  constructor(named: Readonly<Record<string, unknown>>) {
    for (const [id, schema] of Object.entries(named)) if (schema instanceof z.ZodType) this.#names.add(schema, { id });
  }

  /** What is sent (`input`) or answered (`output`): a reference where the schema has a name. */
  schema(schema: z.ZodType, io: Io): Json {
    const name = this.#names.get(schema)?.id;
    if (name === undefined) return this.#alone(schema, io);
    this.#use(name, io);
    return { $ref: REF + name };
  }

  /** One parameter of a path or a query: what its text is read as, like a whole number. */
  parameter(schema: z.ZodType): Json {
    const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
    if (Object.keys(json).some((key) => key !== 'description')) return json;
    const { $schema: __, ...text } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    return text;
  }

  /** The schemas that were referred to, by name. */
  used(): Readonly<Record<string, Json>> {
    return Object.fromEntries([...this.#used].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #alone(schema: z.ZodType, io: Io): Json {
    const wrapped = z.registry<{ id: string }>();
    wrapped.add(schema, { id: 'alone' });
    return made(wrapped, io)['alone'] ?? {};
  }

  /** Takes a schema up, with those that it refers to. */
  #use(name: string, io: Io): void {
    if (!this.#made.has(io)) this.#made.set(io, made(this.#names, io));
    const schema = this.#made.get(io)?.[name] ?? {};
    const there = this.#used.get(name);
    if (there && !isDeepStrictEqual(there, schema))
      throw new TypeError(`${name} is sent and answered in different forms: give them two names`);
    if (there) return;
    this.#used.set(name, schema);
    for (const [, other] of JSON.stringify(schema).matchAll(/"#\/components\/schemas\/(\w+)"/g))
      if (other !== undefined) this.#use(other, io);
  }
}

function made(registry: z.core.$ZodRegistry<{ id: string }>, io: Io): Readonly<Record<string, Json>> {
  const { schemas } = z.toJSONSchema(registry, {
    io,
    unrepresentable: 'any',
    uri: (id) => REF + id,
    override: ({ jsonSchema }) => {
      // An answer may have further fields one day; whoever reads it must not fail of them.
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema as Json]),
  );
}
