// The answer in one figure: the amount due, for what, and what an account-day costs on average.
import { css, html, LitElement, nothing } from 'lit';
import type { Answers } from './ask.ts';
import type { CatalogAnswer } from './engine.ts';
import { count, counted, type Money } from './format.ts';
import { base, oldMark } from './look.ts';
import { tierName } from './words.ts';

export class Summary extends LitElement {
  static override properties = {
    catalog: { attribute: false },
    answers: { attribute: false },
    money: { attribute: false },
    old: { type: Boolean, reflect: true },
  };

  declare catalog: CatalogAnswer;
  declare answers: Answers;
  declare money: Money;
  declare old: boolean;

  static override styles = [
    base,
    css`
      .card {
        display: grid;
        gap: 0.25rem;
        background: var(--accent-soft);
        border-color: transparent;
      }

      :host([old]) .card {
        background: var(--surface);
      }

      h2 {
        font-size: 1rem;
        color: var(--muted);
      }

      .amount {
        font-size: clamp(2rem, 1.3rem + 4vw, 3.25rem);
        font-weight: 680;
        letter-spacing: -0.02em;
        line-height: 1.1;
      }

      :host([old]) .amount {
        color: var(--muted);
      }

      .currency {
        color: var(--muted);
        font-size: 1rem;
        font-weight: 500;
        letter-spacing: 0;
      }

      @media (forced-colors: active) {
        .card {
          border-color: CanvasText;
        }
      }
    `,
  ];

  override render() {
    const { item, quote } = this.answers;
    const price = quote.tiers[0]?.prices[0];
    const accounts = counted(item.accounts, 'account', 'accounts');
    const days = counted(item.days, 'day', 'days');
    return html`
      <section class="card" aria-labelledby="title">
        <h2 id="title">Amount due ${this.old ? oldMark : nothing}</h2>
        <p class="amount figure">
          <span id="amount-due">${this.money(quote.amountDue)}</span>
          <span class="currency">${quote.currency}</span>
        </p>
        <p class="figure">
          ${accounts} × ${days} = ${count(price?.quantity ?? '0')} account-days on
          ${tierName(this.catalog, item.tier)}
        </p>
        ${this.#effectivePrice()}
      </section>
    `;
  }

  #effectivePrice() {
    const tier = this.answers.quote.tiers[0];
    const effective = tier?.prices[0]?.effectiveUnitPrice;
    if (!effective) return nothing;
    const without = tier?.creations === '0' ? '' : ', without the charge for new accounts';
    const isExact = effective.exact === effective.rounded;
    return html`
      <p class="muted figure" id="effective-price">
        ${isExact ? '' : 'about '}${this.money(effective.rounded)} per account-day on
        average${without}
      </p>
    `;
  }
}

customElements.define('tierwise-summary', Summary);
