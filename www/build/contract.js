// The contract as a page: static HTML from `docs/api/openapi.yaml`, made when the pages are built.
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

const CONTRACT = new URL('../../docs/api/openapi.yaml', import.meta.url);
const PLACE = '<!-- the contract -->';
const METHODS = ['get', 'post', 'patch', 'put', 'delete'];
/** What every operation may answer stands once, above them all. */
const EVERYWHERE = ['408', '413', '429', '500', '503'];

/** A plugin of Vite: `api.html` gets the contract in its place. */
export function contractPage() {
  return {
    name: 'contract-page',
    async transformIndexHtml(html, { path }) {
      if (!path.endsWith('api.html')) return html;
      return html.replace(PLACE, pageOf(parse(await readFile(CONTRACT, 'utf8'))));
    },
    configureServer: ({ watcher }) => watcher.add(CONTRACT.pathname),
  };
}

/** The whole of it. */
export function pageOf(contract) {
  const operations = operationsOf(contract);
  const groups = contract.tags.map((tag) => ({
    ...tag,
    operations: operations.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  const common = EVERYWHERE.map((status) => operations[0].operation.responses[status]);
  return `
    <nav aria-label="Operations">${groups.map(contents).join('')}</nav>
    <section>
      <h2 id="everywhere">Everywhere</h2>
      <p>${prose(contract.components.securitySchemes.bearer.description)}</p>
      <dl>${EVERYWHERE.map((status, at) => answer(contract, status, common[at])).join('')}</dl>
    </section>
    ${groups.map((group) => section(contract, group)).join('')}
    <section>
      <h2 id="schemas">Schemas</h2>
      ${Object.entries(contract.components.schemas).map(schemaPart).join('')}
    </section>`;
}

function operationsOf(contract) {
  return Object.entries(contract.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({
      path,
      method,
      operation: item[method],
      parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map((one) =>
        resolved(contract, one),
      ),
    })),
  );
}

function contents({ name, operations }) {
  const lines = operations.map(({ path, method, operation }) => {
    const call = `<code>${method.toUpperCase()} ${text(path)}</code>`;
    return `<li><a href="#${operation.operationId}">${call}</a> ${text(operation.summary)}</li>`;
  });
  return `<details open><summary>${text(name)}</summary><ul>${lines.join('')}</ul></details>`;
}

function section(contract, { name, description, operations }) {
  return `<section>
    <h2 id="${name}">${text(name)}</h2>
    <p>${text(description)}</p>
    ${operations.map((one) => operationPart(contract, one)).join('')}
  </section>`;
}

function operationPart(contract, { path, method, operation, parameters }) {
  const scopes = operation['x-any-scope'];
  const body = operation.requestBody && resolved(contract, operation.requestBody);
  const answers = Object.entries(operation.responses).filter(
    ([status]) => !EVERYWHERE.includes(status),
  );
  const who = operation.security?.length === 0 ? 'No token is needed.' : scopeLine(scopes);
  return `<article class="card">
    <h3 id="${operation.operationId}"><code>${method.toUpperCase()} ${text(path)}</code></h3>
    <p>${prose(operation.summary)}.</p>
    ${operation.description ? `<p>${prose(operation.description)}</p>` : ''}
    <p class="quiet">${who}</p>
    ${titled('Parameters', parameters.map(parameterLine).join(''))}
    ${body ? `<h4>Body${body.required ? '' : ', optional'}</h4>${shape(schemaOf(body))}` : ''}
    ${titled('Answers', answers.map(([status, one]) => answer(contract, status, one)).join(''))}
  </article>`;
}

function titled(title, lines) {
  return lines && `<h4>${title}</h4><dl>${lines}</dl>`;
}

function scopeLine(scopes) {
  if (!scopes?.length) return 'Any access token.';
  return `Scope: ${scopes.map((scope) => `<code>${text(scope)}</code>`).join(' or ')}.`;
}

function parameterLine({ name, in: where, required, description, schema }) {
  const notes = [
    `in the ${where}`,
    required ? 'required' : '',
    description ? prose(description) : '',
    notesOf(schema).replace(/^, /, ''),
  ];
  return line(name, kind(schema), notes);
}

function answer(contract, status, given) {
  const { description, content } = resolved(contract, given);
  const schema = schemaOf({ content });
  return `<div><dt><code>${status}</code></dt><dd>${prose(description)}${
    schema && kind(schema) !== 'object' ? `: ${kind(schema)}` : ''
  }${schema && hasFields(schema) ? shape(schema) : ''}</dd></div>`;
}

function schemaPart([name, schema]) {
  return `<article class="card">
    <h3 id="schema-${name}"><code>${text(name)}</code></h3>
    ${schema.description ? `<p>${prose(schema.description)}</p>` : ''}
    ${shape(schema)}
  </article>`;
}

/** What a value looks like: its fields where it has some, else what kind it is. */
function shape(schema) {
  if (!schema) return '';
  const parts = [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  const own = schema.properties ? fields(schema) : '';
  if (!own && parts.length === 0) return `<p>${kind(schema)}${notesOf(schema)}</p>`;
  const word = schema.allOf ? 'All of' : 'One of';
  const of = parts.map((part) => (hasFields(part) ? shape(part) : `<p>${kind(part)}</p>`));
  return `${own}${parts.length ? `<div class="parts"><p>${word}</p>${of.join('')}</div>` : ''}`;
}

function fields({ properties, required = [] }) {
  const lines = Object.entries(properties).map(([name, schema]) => {
    const notes = [
      required.includes(name) ? 'required' : '',
      schema.description ? prose(schema.description) : '',
      notesOf(schema).replace(/^, /, ''),
    ];
    const inner = hasFields(schema) ? shape(schema) : '';
    const items = hasFields(schema.items) ? shape(schema.items) : '';
    return line(name, kind(schema), notes, inner + items);
  });
  return `<dl>${lines.join('')}</dl>`;
}

function hasFields(schema) {
  return Boolean(schema?.properties || schema?.allOf || schema?.oneOf || schema?.anyOf);
}

function line(name, what, notes, inner = '') {
  const said = [what, ...notes].filter(Boolean).join('; ');
  return `<div><dt><code>${text(name)}</code></dt><dd>${said}${inner}</dd></div>`;
}

/** The kind of a value, in a few words. */
function kind(schema) {
  if (!schema) return '';
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1);
    return `<a href="#schema-${name}">${text(name)}</a>`;
  }
  if (schema.const !== undefined) return `always <code>${text(String(schema.const))}</code>`;
  if (schema.enum) return schema.enum.map((one) => `<code>${text(String(one))}</code>`).join(', ');
  if (schema.type === 'array') return `list of ${schema.items ? kind(schema.items) : 'anything'}`;
  if (schema.allOf?.length === 1) return kind(schema.allOf[0]);
  if (schema.oneOf || schema.anyOf || schema.allOf) return 'object';
  const types = [schema.type ?? 'anything'].flat();
  return types.map((type) => text(type)).join(' or ');
}

/** Bounds, defaults and examples of a value. */
function notesOf(schema) {
  const said = [
    ['at least', schema.minimum],
    ['at most', schema.maximum],
    ['characters at least', schema.minLength],
    ['characters at most', schema.maxLength],
    ['items at least', schema.minItems],
    ['items at most', schema.maxItems],
    ['by default', schema.default],
    ['matches', schema.pattern],
    ['for example', schema.examples?.[0]],
  ].filter(([, value]) => value !== undefined);
  return said.map(([words, value]) => `, ${words} <code>${text(String(value))}</code>`).join('');
}

function schemaOf(body) {
  return Object.values(body?.content ?? {})[0]?.schema;
}

function resolved(contract, value) {
  if (!value?.$ref) return value;
  return value.$ref
    .slice('#/'.length)
    .split('/')
    .reduce((at, name) => at[name], contract);
}

function prose(written) {
  return text(written.trim()).replace(/`([^`]+)`/g, '<code>$1</code>');
}

const SIGNS = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function text(written) {
  return written.replace(/[&<>"']/g, (sign) => SIGNS[sign]);
}
