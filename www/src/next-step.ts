// What comes next: the price of the next account-day and the way to the next band.
import { css, html, LitElement, nothing } from 'lit';
import { type Answers, bandOf } from './ask.ts';
import type { CatalogAnswer, Decimal, NextUnit } from './engine.ts';
import { count, counted, type Money } from './format.ts';
import { base, oldMark } from './look.ts';

export class NextStep extends LitElement {
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
      .parts {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(14rem, 100%), 1fr));
        gap: 1rem 2rem;
        margin-block-start: 0.75rem;
      }

      .price {
        font-size: 1.5rem;
        font-weight: 650;
        line-height: 1.25;
      }

      progress {
        appearance: none;
        display: block;
        inline-size: 100%;
        block-size: 0.625rem;
        margin-block: 0.5rem 0.35rem;
        overflow: hidden;
        background: var(--line);
        border: 0;
        border-radius: 1rem;
      }

      progress::-webkit-progress-bar {
        background: var(--line);
      }

      progress::-webkit-progress-value {
        background: var(--accent);
        border-radius: 1rem;
      }

      progress::-moz-progress-bar {
        background: var(--accent);
        border-radius: 1rem;
      }

      @media (forced-colors: active) {
        progress {
          border: 1px solid CanvasText;
        }

        progress::-webkit-progress-value {
          forced-color-adjust: none;
          background: Highlight;
        }

        progress::-moz-progress-bar {
          forced-color-adjust: none;
          background: Highlight;
        }
      }
    `,
  ];

  override render() {
    const price = this.answers.quote.tiers[0]?.prices[0];
    return html`
      <section class="card" aria-labelledby="title">
        <h2 id="title">What comes next ${this.old ? oldMark : nothing}</h2>
        ${price?.next
          ? html`<div class="parts">
              ${this.#nextUnit(price.next)} ${this.#nextBand(price.next, price.quantity)}
            </div>`
          : html`<p id="next-band">One flat price: more account-days cost nothing more.</p>`}
      </section>
    `;
  }

  #nextUnit(next: NextUnit) {
    const { display } = this.catalog.rateCard;
    return html`
      <div>
        <p>The next account-day costs</p>
        <p class="price figure" id="next-price">${this.money(next.unitPrice)}</p>
        ${next.monthPrice
          ? html`<p class="muted small">
              about ${this.shortMoney(next.monthPrice.shown)} for ${count(display.days)} days
            </p>`
          : nothing}
      </div>
    `;
  }

  #nextBand(next: NextUnit, quantity: Decimal) {
    const band = bandOf(this.catalog, this.answers.item.tier, next.band);
    if (next.unitsToNextBand === null || next.nextBandUnitPrice === null) {
      const isOnly = band?.from === 1;
      return html`<p id="next-band">
        ${isOnly
          ? 'Every account-day on this tier has this price.'
          : 'This is the last band: every further account-day has this price.'}
      </p>`;
    }
    return html`
      <div>
        <p id="next-band">
          ${counted(next.unitsToNextBand, 'more account-day', 'more account-days')} at this price,
          then <strong class="figure">${this.money(next.nextBandUnitPrice)}</strong> each.
        </p>
        ${band?.to
          ? html`
              <progress
                aria-labelledby="way"
                value=${quantity}
                max=${band.to}
              ></progress>
              <p class="muted small figure" id="way">
                ${count(quantity)} of ${count(band.to)} up to the end of band ${count(next.band)}
              </p>
            `
          : nothing}
      </div>
    `;
  }
}

customElements.define('tierwise-next-step', NextStep);
