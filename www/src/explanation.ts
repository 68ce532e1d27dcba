// How the amount comes about: the rows of the quote, their total, and the amount due.
import { css, html, LitElement, nothing } from 'lit';
import type { Answers } from './ask.ts';
import type { CatalogAnswer, QuoteRow } from './engine.ts';
import { count, type Money } from './format.ts';
import { base, oldMark } from './look.ts';
import { roundingWords, rowWords } from './words.ts';

export class Explanation extends LitElement {
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
        container-type: inline-size;
      }

      table {
        inline-size: 100%;
        margin-block-start: 0.75rem;
        border-collapse: collapse;
        font-variant-numeric: tabular-nums;
      }

      th,
      td {
        padding: 0.6rem 0 0.6rem 1rem;
        font-weight: inherit;
        text-align: end;
        vertical-align: baseline;
        overflow-wrap: anywhere;
      }

      th:first-child,
      td:first-child {
        padding-inline-start: 0;
        text-align: start;
      }

      thead th {
        padding-block: 0.25rem;
        color: var(--muted);
        font-size: 0.875rem;
      }

      tbody tr,
      tfoot tr:first-child {
        border-block-start: 1px solid var(--line);
      }

      tfoot tr:first-child {
        border-block-start: 2px solid var(--ink);
      }

      tfoot tr:last-child {
        font-weight: 680;
      }

      tfoot .small {
        font-weight: 400;
      }

      details {
        margin-block-start: 0.75rem;
      }

      summary {
        inline-size: fit-content;
        padding-block: 0.2rem;
        color: var(--accent);
        cursor: pointer;
        font-size: 0.875rem;
      }

      ul {
        margin: 0.5rem 0 0;
        padding: 0;
        list-style: none;
        font-size: 0.875rem;
      }

      li + li {
        margin-block-start: 0.25rem;
      }

      /* Wide: figures stay in one piece, only words wrap. */
      @container (width >= 36rem) {
        th,
        td {
          overflow-wrap: break-word;
        }

        thead th,
        td:not(:first-child) {
          white-space: nowrap;
        }
      }

      /* Narrow: a row becomes its words and, below them, the calculation with the amount. */
      @container (width < 36rem) {
        thead tr {
          position: absolute;
          inline-size: 1px;
          block-size: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }

        table,
        thead,
        tbody,
        tfoot {
          display: block;
        }

        tbody tr,
        tfoot tr {
          display: flex;
          flex-wrap: wrap;
          align-items: baseline;
          column-gap: 0.5ch;
          padding-block: 0.6rem;
        }

        tbody th,
        tbody td,
        tfoot th,
        tfoot td {
          padding: 0;
          text-align: start;
        }

        tbody .words {
          flex: 0 0 100%;
        }

        tfoot .words {
          flex: 1 1 6rem;
        }

        tfoot .small {
          display: block;
        }

        .amount {
          margin-inline-start: auto;
        }

        .band,
        .quantity,
        .unit-price {
          color: var(--muted);
          font-size: 0.875rem;
        }

        .band:empty {
          display: none;
        }

        .band::after {
          content: ':';
        }

        .unit-price::before {
          content: '× ' / 'times ';
        }

        tfoot tr + tr {
          padding-block-start: 0;
        }
      }
    `,
  ];

  // The roles are written out because `display: grid` takes a table's own away in some browsers.
  override render() {
    const { quote } = this.answers;
    return html`
      <section class="card" aria-labelledby="title">
        <h2 id="title">How it comes about ${this.old ? oldMark : nothing}</h2>
        <table role="table" aria-labelledby="title">
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader" scope="col">Item</th>
              <th role="columnheader" scope="col">Band</th>
              <th role="columnheader" scope="col">Quantity</th>
              <th role="columnheader" scope="col">Unit price</th>
              <th role="columnheader" scope="col">Amount</th>
            </tr>
          </thead>
          <tbody role="rowgroup" id="rows">
            ${quote.rows.map((row) => this.#row(row))}
          </tbody>
          <tfoot role="rowgroup">
            <tr role="row">
              <th role="rowheader" scope="row" colspan="4" class="words">Total</th>
              <td role="cell" class="amount" id="total">${this.money(quote.total)}</td>
            </tr>
            <tr role="row">
              <th role="rowheader" scope="row" colspan="4" class="words">
                Amount due
                <span class="muted small">
                  ${roundingWords(this.catalog.rateCard.rounding)}
                </span>
              </th>
              <td role="cell" class="amount">${this.money(quote.amountDue)}</td>
            </tr>
          </tfoot>
        </table>
        ${quote.rows.length === 0 ? nothing : this.#engineWords()}
      </section>
    `;
  }

  #row(row: QuoteRow) {
    return html`
      <tr role="row">
        <th role="rowheader" scope="row" class="words">${rowWords(row)}</th>
        <td role="cell" class="band">${bandName(row.band)}</td>
        <td role="cell" class="quantity">${count(row.quantity)}</td>
        <td role="cell" class="unit-price">${this.money(row.unitPrice)}</td>
        <td role="cell" class="amount">${this.money(row.rounded ?? row.amount)}</td>
      </tr>
    `;
  }

  #engineWords() {
    const { rows } = this.answers.quote;
    return html`
      <details>
        <summary>In the engine’s words, with the rule of each row</summary>
        <ul>
          ${rows.map((row) => html`<li class="figure">${row.rule}: ${row.text}</li>`)}
        </ul>
      </details>
    `;
  }
}

function bandName(band: number | null): string {
  return band === null ? '' : `Band ${count(band)}`;
}

customElements.define('tierwise-explanation', Explanation);
