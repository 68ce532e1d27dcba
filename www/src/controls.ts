// The controls: tier, accounts, days, and whether the accounts are new. They hold text as typed.
import { css, html, LitElement, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import type { CatalogAnswer } from './engine.ts';
import { base } from './look.ts';
import type { Problems, Question } from './question.ts';
import { tierName } from './words.ts';

/** A wish to change the question: what the event `change-question` carries. */
export type ChangeEvent = CustomEvent<Partial<Question>>;

export class Controls extends LitElement {
  static override properties = {
    catalog: { attribute: false },
    question: { attribute: false },
    problems: { attribute: false },
  };

  declare catalog: CatalogAnswer;
  declare question: Question;
  declare problems: Problems;

  static override styles = [
    base,
    css`
      form {
        display: grid;
        gap: 1.125rem;
      }

      .counts {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr));
        gap: 1.125rem 1rem;
      }

      label {
        font-weight: 600;
      }

      .field {
        display: grid;
        align-content: start;
        gap: 0.3rem;
        min-inline-size: 0;
      }

      input:not([type='checkbox']),
      select {
        inline-size: 100%;
        min-block-size: 2.75rem;
        padding: 0.4rem 0.75rem;
        color: inherit;
        background: var(--surface);
        font: inherit;
        border: 1px solid var(--edge);
        border-radius: 0.5rem;
        text-overflow: ellipsis;
      }

      select {
        padding-inline: 0.5rem;
      }

      input:not([type='checkbox']) {
        font-variant-numeric: tabular-nums;
      }

      [aria-invalid='true'] {
        border-color: var(--danger);
        box-shadow: inset 0 0 0 1px var(--danger);
      }

      .check label {
        display: flex;
        align-items: center;
        gap: 0.6rem;
        min-block-size: 1.75rem;
      }

      input[type='checkbox'] {
        flex: none;
        inline-size: 1.5rem;
        block-size: 1.5rem;
        margin: 0;
        accent-color: var(--accent);
      }

      .check .hint {
        padding-inline-start: 2.1rem;
      }

      .problem {
        color: var(--danger);
        font-size: 0.875rem;
        overflow-wrap: anywhere;
      }

      .problem::before {
        content: '▲ ' / '';
        font-size: 0.75em;
      }
    `,
  ];

  override render() {
    return html`
      <form class="card" novalidate @submit=${(event: Event) => event.preventDefault()}>
        <h2>Your question</h2>
        ${this.#tierField()}
        <div class="counts">
          ${this.#countField('accounts', 'Accounts', 'on this tier')}
          ${this.#countField('days', 'Days', 'in the period')}
        </div>
        ${this.#newAccountsField()} ${this.#problem('whole')}
      </form>
    `;
  }

  #tierField() {
    const { tiers, defaultTier } = this.catalog.rateCard;
    const chosen = this.question.tier || defaultTier;
    const isKnown = tiers.some(({ id }) => id === chosen);
    return html`
      <div class="field">
        <label for="tier">Tier</label>
        <select
          id="tier"
          aria-invalid=${this.problems.tier ? 'true' : 'false'}
          aria-describedby="tier-problem"
          @change=${(event: Event) => {
            this.#change({ tier: (event.target as HTMLSelectElement).value });
          }}
        >
          ${isKnown ? nothing : html`<option value=${chosen} selected>${chosen}</option>`}
          ${tiers.map(
            ({ id }) => html`
              <option value=${id} .selected=${live(id === chosen)}>
                ${tierName(this.catalog, id)}
              </option>
            `,
          )}
        </select>
        ${this.#problem('tier')}
      </div>
    `;
  }

  #countField(field: 'accounts' | 'days', label: string, hint: string) {
    const isWrong = Boolean(this.problems[field] ?? this.problems.whole);
    return html`
      <div class="field">
        <label for=${field}>${label}</label>
        <input
          id=${field}
          inputmode="numeric"
          autocomplete="off"
          spellcheck="false"
          aria-invalid=${isWrong ? 'true' : 'false'}
          aria-describedby="${field}-hint ${field}-problem whole-problem"
          .value=${live(this.question[field])}
          @input=${(event: Event) => {
            this.#change({ [field]: (event.target as HTMLInputElement).value });
          }}
        />
        <p id="${field}-hint" class="muted small">${hint}</p>
        ${this.#problem(field)}
      </div>
    `;
  }

  #newAccountsField() {
    return html`
      <div class="check">
        <label>
          <input
            id="newAccounts"
            type="checkbox"
            aria-invalid=${this.problems.newAccounts ? 'true' : 'false'}
            aria-describedby="newAccounts-hint newAccounts-problem"
            .checked=${live(this.question.newAccounts)}
            @change=${(event: Event) => {
              this.#change({ newAccounts: (event.target as HTMLInputElement).checked });
            }}
          />
          The accounts are new this period
        </label>
        <p id="newAccounts-hint" class="hint muted small">Adds the charge for creating them.</p>
        ${this.#problem('newAccounts')}
      </div>
    `;
  }

  // The place stays when there is no problem, so that `aria-describedby` always finds it.
  #problem(place: keyof Problems) {
    const problem = this.problems[place];
    return html`<p id="${place}-problem" class="problem" ?hidden=${!problem}>${problem}</p>`;
  }

  #change(detail: Partial<Question>): void {
    this.dispatchEvent(new CustomEvent('change-question', { detail }) satisfies ChangeEvent);
  }
}

customElements.define('tierwise-controls', Controls);
