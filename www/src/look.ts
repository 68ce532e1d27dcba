// The look that all parts share: colours for light and dark, cards, small type. The tokens are set
// once, on the outermost element, and inherited through the shadow roots of the parts.
import { css, html } from 'lit';

export const tokens = css`
  :host {
    color-scheme: light dark;
    --surface: light-dark(#ffffff, #1b2024);
    --ink: light-dark(#1b2126, #e8ebed);
    --muted: light-dark(#555e66, #a7b0b8);
    --line: light-dark(#dfe3e1, #30373d);
    --edge: light-dark(#7d868e, #79838c);
    --accent: light-dark(#1f5f5b, #7fcbc2);
    --on-accent: light-dark(#ffffff, #0f1a1a);
    --accent-soft: light-dark(#e6f1ef, #1b3231);
    --danger: light-dark(#a3261c, #ff9d90);
    --old: light-dark(#664d00, #f0cf7a);
    --old-soft: light-dark(#fbf3d9, #332b16);
    --radius: 0.75rem;
    --gap: clamp(1rem, 2.5vw, 1.5rem);
    color: var(--ink);
    font-family: system-ui, sans-serif;
    line-height: 1.5;
  }

  @media print {
    :host {
      color-scheme: light;
    }
  }
`;

export const base = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  :host {
    display: block;
    min-inline-size: 0;
  }

  :host([hidden]) {
    display: none;
  }

  .card {
    padding: clamp(1rem, 3vw, 1.5rem);
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }

  :host([old]) .card {
    border-style: dashed;
    border-color: var(--old);
  }

  h2,
  h3 {
    margin: 0;
    font-weight: 650;
    line-height: 1.3;
    letter-spacing: -0.005em;
  }

  h2 {
    font-size: 1.125rem;
  }

  h3 {
    font-size: 1rem;
  }

  p {
    margin: 0;
  }

  .muted {
    color: var(--muted);
  }

  .small {
    font-size: 0.875rem;
  }

  .old {
    display: inline-block;
    margin-inline-start: 0.35rem;
    padding: 0 0.5rem;
    color: var(--old);
    background: var(--old-soft);
    border-radius: 0.5rem;
    font-size: 0.875rem;
    font-weight: 500;
  }

  .figure {
    font-variant-numeric: tabular-nums;
    overflow-wrap: anywhere;
  }

  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }

  .visually-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @media print {
    .card {
      break-inside: avoid;
      padding: 0.75rem 1rem;
    }
  }
`;

/** Stands on every part that shows the last good answers while the question has none. */
export const oldMark = html`<span class="old">old figures</span>`;
