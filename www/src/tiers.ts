// The tiers side by side: the same question on each tier, its bands, limits and creation charge.
import { css, html, LitElement, nothing } from 'lit';
import { type Answers, reachedBand } from './ask.ts';
import type { ChangeEvent } from './controls.ts';
import {
  type CatalogAnswer,
  type RateCardBand,
  type RateCardTier,
  TierwiseError,
} from './engine.ts';
import { count, counted, type Money } from './format.ts';
import { base, oldMark } from './look.ts';
import {
  bandRange,
  creationWords,
  errorWords,
  historyWords,
  messageWords,
  tierName,
} from './words.ts';

export class Tiers extends LitElement {
  static override properties = {
    catalog: { attribute: false },
    answers: { attribute: false },
    money: { attribute: false },
    shortMoney: { attribute: false },
    old: { type: Boolean, reflect: true },
  };

  declare catalog: CatalogAnswer;
  declare answers: Answers;
  declare money: Money;
  /** For display prices only. */
  declare shortMoney: Money;
  declare old: boolean;

  static override styles = [
    base,
    css`
      .cards {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr));
        grid-auto-rows: auto;
        gap: var(--gap);
        margin: 0.75rem 0 0;
        padding: 0;
        list-style: none;
      }

      /* The cards share their rows, so that figures and tables of all tiers stand on one line. */
      .card {
        display: grid;
        grid-template-rows: subgrid;
        grid-row: span 5;
        row-gap: 0.75rem;
        min-inline-size: 0;
      }

      .card[aria-current='true'] {
        border-color: var(--accent);
        box-shadow: inset 0 0 0 1px var(--accent);
      }

      .due {
        font-size: 1.625rem;
        font-weight: 650;
        letter-spacing: -0.01em;
        line-height: 1.2;
      }

      :host([old]) .due {
        color: var(--muted);
      }

      ul.traits {
        margin: 0;
        padding-inline-start: 1.1rem;
        font-size: 0.9375rem;
      }

      .traits li::marker {
        color: var(--accent);
      }

      table {
        align-self: start;
        inline-size: 100%;
        border-collapse: collapse;
        font-size: 0.875rem;
        font-variant-numeric: tabular-nums;
      }

      th,
      td {
        padding: 0.3rem 0 0.3rem 0.75rem;
        font-weight: inherit;
        text-align: end;
      }

      th:first-child {
        padding-inline-start: 0;
        text-align: start;
      }

      /* The narrow columns leave the room to the ranges. */
      td,
      thead th + th {
        inline-size: 1%;
        white-space: nowrap;
      }

      thead th {
        color: var(--muted);
        vertical-align: bottom;
      }

      tbody tr {
        border-block-start: 1px solid var(--line);
      }

      tbody tr[aria-current='true'] {
        color: var(--accent);
        font-weight: 650;
      }

      button {
        align-self: end;
        min-block-size: 2.75rem;
        padding: 0.4rem 1rem;
        color: var(--accent);
        background: transparent;
        border: 1px solid var(--accent);
        border-radius: 0.5rem;
        cursor: pointer;
        font: inherit;
        font-weight: 600;
      }

      button:hover {
        background: var(--accent-soft);
      }

      [aria-current='true'] > button,
      [aria-current='true'] > button:hover {
        color: var(--on-accent);
        background: var(--accent);
        cursor: default;
      }

      @media (forced-colors: active) {
        .card[aria-current='true'] {
          outline: 3px solid Highlight;
        }
      }

      @media print {
        button {
          display: none;
        }
      }
    `,
  ];

  override render() {
    const { accounts, days, creations } = this.answers.item;
    const including = creations ? ', with the charge for new accounts' : '';
    return html`
      <section aria-labelledby="title">
        <h2 id="title">The tiers side by side ${this.old ? oldMark : nothing}</h2>
        <p class="muted figure">
          ${counted(accounts, 'account', 'accounts')} × ${counted(days, 'day', 'days')} on
          each${including}
        </p>
        <ul class="cards" role="list">
          ${this.catalog.rateCard.tiers.map((tier) => this.#card(tier))}
        </ul>
      </section>
    `;
  }

  #card(tier: RateCardTier) {
    const isChosen = tier.id === this.answers.item.tier;
    const name = tierName(this.catalog, tier.id);
    return html`
      <li class="card" data-tier=${tier.id} aria-current=${isChosen ? 'true' : 'false'}>
        <h3>${name}</h3>
        ${this.#amount(tier.id)}
        <ul class="traits">
          <li>${messageWords(tier)}</li>
          <li>${historyWords(tier)}</li>
          <li>${creationWords(tier, this.money)}</li>
        </ul>
        ${tier.bands.length === 0 ? html`<p>No price by the day</p>` : this.#bands(tier, name)}
        <button
          type="button"
          @click=${() => {
            this.#choose(tier.id);
          }}
        >
          ${isChosen ? 'Chosen' : 'Choose'}<span class="visually-hidden">: ${name}</span>
        </button>
      </li>
    `;
  }

  #amount(tier: string) {
    const quote = this.answers.byTier.get(tier);
    if (quote === undefined) return html`<p></p>`;
    if (quote instanceof TierwiseError) return html`<p class="small">${errorWords(quote)}</p>`;
    const effective = quote.tiers[0]?.prices[0]?.effectiveUnitPrice;
    return html`
      <div>
        <p class="due figure">${this.money(quote.amountDue)}</p>
        ${effective
          ? html`<p class="muted small figure">
              ${effective.exact === effective.rounded ? '' : 'about '}${this.money(
                effective.rounded,
              )}
              per account-day
            </p>`
          : nothing}
      </div>
    `;
  }

  #bands(tier: RateCardTier, name: string) {
    const { display } = this.catalog.rateCard;
    const quote = this.answers.byTier.get(tier.id);
    const isQuoted = quote !== undefined && !(quote instanceof TierwiseError);
    const reached = isQuoted ? reachedBand(this.catalog, quote) : undefined;
    return html`
      <table>
        <caption class="visually-hidden">
          Bands of ${name}
        </caption>
        <thead>
          <tr>
            <th scope="col">Account-days</th>
            <th scope="col">a day</th>
            <th scope="col">≈ ${count(display.days)} days</th>
          </tr>
        </thead>
        <tbody>
          ${tier.bands.map((band) => this.#band(band, band === reached))}
        </tbody>
      </table>
    `;
  }

  #band(band: RateCardBand, isReached: boolean) {
    return html`
      <tr aria-current=${isReached ? 'true' : 'false'}>
        <th scope="row">${bandRange(band.from, band.to)}</th>
        <td>${this.money(band.price)}</td>
        <td>${this.shortMoney(band.monthPrice)}</td>
      </tr>
    `;
  }

  #choose(tier: string): void {
    const event: ChangeEvent = new CustomEvent('change-question', { detail: { tier } });
    this.dispatchEvent(event);
  }
}

customElements.define('tierwise-tiers', Tiers);
