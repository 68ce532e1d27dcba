// <tierwise-calculator>: holds the question, asks the engine, hands the answers to its parts.
import { css, html, LitElement, type PropertyValues } from 'lit';
import { type Answers, ask } from './ask.ts';
import './controls.ts';
import type { ChangeEvent } from './controls.ts';
import { type CatalogAnswer, Engine } from './engine.ts';
import './explanation.ts';
import { count, type Money, moneyIn, shortMoneyIn } from './format.ts';
import { base, tokens } from './look.ts';
import './next-step.ts';
import { type Problems, type Question, questionFromSearch } from './question.ts';
import './summary.ts';
import './tiers.ts';
import { tierName } from './words.ts';

/** Says that the person changed the question: the event `question`. */
export type QuestionEvent = CustomEvent<Question>;

/** So long must the typing rest before the new total is announced. */
const ANNOUNCE_DELAY_MS = 600;

/** What does not change while the catalog stays. */
interface Loaded {
  readonly engine: Engine;
  readonly catalog: CatalogAnswer;
  readonly money: Money;
  readonly shortMoney: Money;
}

export class Calculator extends LitElement {
  static override properties = {
    question: { attribute: false },
    loaded: { state: true },
    loadFailure: { state: true },
    announcement: { state: true },
  };

  declare question: Question;
  private declare loaded: Loaded | null;
  private declare loadFailure: string;
  private declare announcement: string;

  /** The last good answers: they stay, marked as old, while the question has problems. */
  #answers: Answers | null = null;
  #problems: Problems | null = null;
  #announceTimer: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    tokens,
    base,
    css`
      .layout {
        container-type: inline-size;
      }

      .parts {
        display: grid;
        gap: var(--gap);
      }

      .results {
        display: grid;
        gap: var(--gap);
        align-content: start;
        min-inline-size: 0;
      }

      .side-by-side {
        margin-block-start: calc(var(--gap) * 0.75);
      }

      @container (width >= 50rem) {
        .parts {
          grid-template-columns: minmax(18rem, 25rem) minmax(28rem, 1fr);
        }

        tierwise-controls {
          position: sticky;
          inset-block-start: 1rem;
          align-self: start;
        }

        .side-by-side {
          grid-column: 1 / -1;
        }
      }

      .failure {
        color: var(--danger);
      }
    `,
  ];

  constructor() {
    super();
    this.question = questionFromSearch('');
    this.loaded = null;
    this.loadFailure = '';
    this.announcement = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.loaded === null) void this.#load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#announceTimer);
  }

  async #load(): Promise<void> {
    try {
      const engine = await Engine.load();
      const catalog = engine.catalog();
      const { currency } = catalog.rateCard;
      const money = moneyIn(currency);
      this.loaded = { engine, catalog, money, shortMoney: shortMoneyIn(currency) };
    } catch (error) {
      this.loadFailure = error instanceof Error ? error.message : String(error);
    }
  }

  override willUpdate(changed: PropertyValues): void {
    if (this.loaded === null || !(changed.has('question') || changed.has('loaded'))) return;
    try {
      const { answers, problems } = ask(this.loaded.engine, this.loaded.catalog, this.question);
      this.#answers = answers ?? this.#answers;
      this.#problems = problems;
    } catch (error) {
      // Not an answer of the engine, but its end: old figures must not stand as if they were new.
      this.loadFailure = error instanceof Error ? error.message : String(error);
      return;
    }
    if (!changed.has('loaded')) this.#announceSoon(); // the first answer is there to be read
  }

  #announceSoon(): void {
    clearTimeout(this.#announceTimer);
    this.#announceTimer = setTimeout(() => {
      this.announcement = this.#answerInWords();
    }, ANNOUNCE_DELAY_MS);
  }

  #answerInWords(): string {
    if (this.#problems !== null) return Object.values(this.#problems).join(' ');
    if (this.loaded === null || this.#answers === null) return '';
    const { item, quote } = this.#answers;
    const quantity = count(quote.tiers[0]?.prices[0]?.quantity ?? '0');
    const name = tierName(this.loaded.catalog, item.tier);
    return `Amount due ${this.loaded.money(quote.amountDue)}: ${quantity} account-days on ${name}.`;
  }

  override render() {
    return html`
      <div class="layout">${this.#content()}</div>
      <p class="visually-hidden" role="status">${this.announcement}</p>
    `;
  }

  #content() {
    if (this.loadFailure !== '') {
      return html`<p class="card failure" role="alert">
        The engine could not be loaded or has stopped: ${this.loadFailure}
      </p>`;
    }
    if (this.loaded === null) return html`<p class="card muted">The engine is being loaded…</p>`;
    const { catalog } = this.loaded;
    return html`
      <div class="parts">
        <tierwise-controls
          .catalog=${catalog}
          .question=${this.question}
          .problems=${this.#problems ?? {}}
          @change-question=${this.#onChangeQuestion}
        ></tierwise-controls>
        ${this.#answers === null
          ? html`<p class="card muted">No figures yet: the question has no answer as it stands.</p>`
          : this.#results(this.loaded, this.#answers)}
      </div>
    `;
  }

  #results({ catalog, money, shortMoney }: Loaded, answers: Answers) {
    const old = this.#problems !== null;
    return html`
      <div class="results">
        <tierwise-summary
          .catalog=${catalog}
          .answers=${answers}
          .money=${money}
          .old=${old}
        ></tierwise-summary>
        <tierwise-explanation
          .catalog=${catalog}
          .answers=${answers}
          .money=${money}
          .old=${old}
        ></tierwise-explanation>
        <tierwise-next-step
          .catalog=${catalog}
          .answers=${answers}
          .money=${money}
          .shortMoney=${shortMoney}
          .old=${old}
        ></tierwise-next-step>
      </div>
      <tierwise-tiers
        class="side-by-side"
        .catalog=${catalog}
        .answers=${answers}
        .money=${money}
        .shortMoney=${shortMoney}
        .old=${old}
        @change-question=${this.#onChangeQuestion}
      ></tierwise-tiers>
      <p class="side-by-side muted small figure">
        Catalog ${catalog.catalog.id}, version ${catalog.rateCard.version}, fingerprint
        ${catalog.fingerprint}
      </p>
    `;
  }

  #onChangeQuestion = (event: ChangeEvent): void => {
    const tier = this.question.tier || (this.loaded?.catalog.rateCard.defaultTier ?? '');
    this.question = { ...this.question, tier, ...event.detail };
    this.dispatchEvent(
      new CustomEvent('question', { detail: this.question }) satisfies QuestionEvent,
    );
  };
}

customElements.define('tierwise-calculator', Calculator);
