import type { Json } from './components.ts';

/**
 * A JSON Schema in the words of TypeScript, for people: `{ entries: →LogEntry[], next?: integer ≥ 0 }`. An arrow stands
 * before the name of another schema.
 */
export function schemaText(schema: Json, indent = ''): string {
  const { $ref, anyOf, oneOf, const: constant, enum: values, type, default: preset } = schema;
  if (typeof $ref === 'string') return `→${$ref.split('/').at(-1) ?? ''}`;
  const variants = (anyOf ?? oneOf) as readonly Json[] | undefined;
  if (variants) return variants.map((variant) => schemaText(variant, indent)).join(' | ');
  if (constant !== undefined) return JSON.stringify(constant);
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' | ') + presetText(preset);
  if (type === 'array') return arrayText(schema, indent);
  if (type === 'object') return objectText(schema, indent);
  return `${typeof type === 'string' ? type : 'any'}${boundsText(schema)}${presetText(preset)}`;
}

function arrayText({ items, maxItems }: Json, indent: string): string {
  const item = schemaText((items ?? {}) as Json, indent);
  return `${item.includes(' | ') ? `(${item})` : item}[]${maxItems === undefined ? '' : ` (at most ${JSON.stringify(maxItems)})`}`;
}

function objectText({ properties, required, additionalProperties }: Json, indent: string): string {
  const needed = (required ?? []) as readonly string[];
  const inner = `${indent}  `;
  const lines = Object.entries((properties ?? {}) as Record<string, Json>).map(([name, property]) => {
    const meaning = typeof property['description'] === 'string' ? `  // ${property['description']}` : '';
    return `${inner}${name}${needed.includes(name) ? '' : '?'}: ${schemaText(property, inner)}${meaning}`;
  });
  if (lines.length > 0) return `{\n${lines.join('\n')}\n${indent}}`;
  const others = typeof additionalProperties === 'object' ? schemaText(additionalProperties as Json, indent) : 'any';
  return `{ [name]: ${others} }`;
}

function boundsText({ minimum, maximum, maxLength, pattern }: Json): string {
  const least = minimum === undefined ? '' : ` ≥ ${JSON.stringify(minimum)}`;
  const most = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? '' : ` ≤ ${JSON.stringify(maximum)}`;
  const length = maxLength === undefined ? '' : ` of at most ${JSON.stringify(maxLength)}`;
  return `${least}${most}${length}${typeof pattern === 'string' && pattern.length <= 60 ? ` like /${pattern}/` : ''}`;
}

function presetText(preset: unknown): string {
  return preset === undefined ? '' : `, default ${JSON.stringify(preset)}`;
}
