import { createHash } from 'node:crypto';

import type { Json } from './components.ts';
import type { OpenApi, Operation, Parameter } from './open-api.ts';
import { schemaText } from './schema-text.ts';

const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
code, pre { font: 14px/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid var(--line); border-radius: .5rem; }
nav ul { list-style: none; padding: 0; } nav code b, h3 b { display: inline-block; min-width: 4.5rem; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); } h3 { margin-top: 2.5rem; font-weight: 400; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: start; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); }
`;

/**
 * What the browser may load for the page: its own style, and nothing else from anywhere. There is no script in it.
 * @see https://www.w3.org/TR/CSP3/#external-hash
 */
export const DOCS_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** A page for people, of what the document says; it needs nothing but itself. */
export function docsPage(document: OpenApi): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const { title, version, description } = document.info;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)} API</title><style>${STYLE}</style></head><body>
<h1>${text(title)} API <small>${text(version)}</small></h1>
<p>${prose(description)}</p>
<p>As <a href="docs/openapi.json">OpenAPI ${text(document.openapi)}</a>, for tools. Where the server has authentication, send <code>Authorization: Bearer &lt;token&gt;</code>.</p>
<nav><ul>${operations.map(({ path, method, operation }) => `<li><a href="#${anchor(operation)}">${route(method, path)}</a> ${prose(operation.summary)}</li>`).join('\n')}</ul></nav>
${tags
  .map(
    (tag) =>
      `<h2>${text(tag)}</h2>\n${operations
        .filter(({ operation }) => operation.tags.includes(tag))
        .map(({ path, method, operation }) => operationHtml(path, method, operation, document))
        .join('\n')}`,
  )
  .join('\n')}
<h2>Schemas</h2>
${Object.entries(document.components.schemas)
  .map(([name, schema]) => `<h3 id="${text(name)}">${text(name)}</h3>${schemaHtml(schema)}`)
  .join('\n')}
</body></html>
`;
}

function operationHtml(path: string, method: string, operation: Operation, document: OpenApi): string {
  const { summary, description, parameters, requestBody, responses } = operation;
  return `<section id="${anchor(operation)}"><h3>${route(method, path)}</h3>
<p>${prose(summary)}.${description === undefined ? '' : ` ${prose(description)}`}</p>
${parameters ? parametersHtml(parameters) : ''}
${requestBody ? `<p>Body${said(requestBody.description)}</p>${contentHtml(requestBody.content)}` : ''}
${Object.entries(responses)
  .map(([status, response]) => {
    if ('content' in response && response.content)
      return `<p>${status}${said(response.description)}</p>${contentHtml(response.content)}`;
    const code = '$ref' in response ? (response.$ref.split('/').at(-1) ?? '') : '';
    return `<p>${status} <code>${text(code)}</code> ${prose(document.components.responses[code]?.description ?? '')}</p>`;
  })
  .join('\n')}</section>`;
}

function parametersHtml(parameters: readonly Parameter[]): string {
  const rows = parameters.map(
    ({ name, in: place, required, description = '', schema }) =>
      `<tr><td><code>${text(name)}</code></td><td>${place}${required ? ', required' : ''}</td><td>${linked(schemaText(schema))}</td><td>${prose(description)}</td></tr>`,
  );
  return `<table><tr><th>Parameter</th><th>In</th><th>Form</th><th>Meaning</th></tr>${rows.join('')}</table>`;
}

function contentHtml(content: Readonly<Record<string, { readonly schema: Json }>>): string {
  return Object.entries(content)
    .map(
      ([type, { schema }]) =>
        `<p><code>${text(type)}</code></p>${Object.keys(schema).length > 0 ? schemaHtml(schema) : ''}`,
    )
    .join('');
}

function schemaHtml(schema: Json): string {
  return `<pre>${linked(schemaText(schema))}</pre>`;
}

function said(description: string | undefined): string {
  return description === undefined ? '' : `: ${prose(description)}`;
}

function route(method: string, path: string): string {
  return `<code><b>${method.toUpperCase()}</b>${text(path)}</code>`;
}

function anchor({ operationId }: Operation): string {
  return text(operationId);
}

/** Names of schemas lead to them. */
function linked(written: string): string {
  return text(written).replace(/→(\w+)/g, '<a href="#$1">$1</a>');
}

function prose(written: string): string {
  return text(written).replace(/`([^`]+)`/g, '<code>$1</code>');
}

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function text(written: string): string {
  return written.replace(/[&<>"']/g, (character) => ESCAPED[character] ?? character);
}
