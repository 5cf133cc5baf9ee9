/** @file The formulas of the rules, written in TeX, as text for a terminal. */
import { checkKind } from '../checks.js';

/** Commands that stand for one sign, or for a word that is set upright. */
const SIGNS: Readonly<Record<string, string>> = {
  odot: '⊙',
  oslash: '⊘',
  cdot: '·',
  times: '×',
  sum: 'Σ',
  prod: 'Π',
  int: '∫',
  sigma: 'σ',
  tau: 'τ',
  pi: 'π',
  partial: '∂',
  lnot: '¬',
  ge: '≥',
  le: '≤',
  ne: '≠',
  top: 'ᵀ',
  ldots: '…',
  cdots: '⋯',
  langle: '⟨',
  rangle: '⟩',
  lVert: '‖',
  rVert: '‖',
  ',': ' ',
  ';': ' ',
  ' ': ' ',
  quad: ' ',
  left: '',
  right: '',
  '{': '(',
  '}': ')',
};

/** Commands that put a mark on the letter that follows. */
const MARKS: Readonly<Record<string, string>> = { bar: '\u0304', hat: '\u0302', tilde: '\u0303' };

/** Commands that set what follows in another face. */
const FACES = new Set(['mathrel', 'operatorname', 'text', 'mathrm', 'mathbf', 'boldsymbol']);

const pairsOf = (from: string, to: string): ReadonlyMap<string, string> => {
  const signs = [...to];
  return new Map([...from].map((letter, i) => [letter, signs[i]!]));
};
const LOWERED = pairsOf('0123456789+-=()aehijklmnoprstuvx', '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ');
const RAISED = pairsOf('0123456789+-=()abcdefghijklmnoprstuvwxyzᵀ', '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ');

/** What follows `_` or `^`: small letters where Unicode has them all, else in brackets. */
function script(sign: '_' | '^', text: string): string {
  const small = sign === '_' ? LOWERED : RAISED;
  const letters = [...text.replaceAll(' ', '')];
  if (letters.every((letter) => small.has(letter))) return letters.map((letter) => small.get(letter)).join('');
  if (text.startsWith('[')) return text;
  return letters.length === 1 ? `${sign}${text}` : `${sign}(${text})`;
}

/** A sum needs brackets before it stands beside a stroke. */
const factor = (text: string): string => (/ [-+] /.test(text) ? `(${text})` : text);

/** Reads TeX from left to right. */
class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tex: string) {
    this.#tokens = tex.match(/\\[a-zA-Z]+|\\.|\s+|./gsu) ?? [];
  }

  /** All up to a closing brace, the end of an environment or that of the text. */
  rest(): string {
    let text = '';
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at]!;
      if (token === '}' || token === String.raw`\end`) break;
      text += this.#next();
    }
    return text;
  }

  /** One argument: a group in braces, or whatever comes next. */
  #argument(): string {
    while (this.#tokens[this.#at]?.trim() === '') this.#at++;
    return this.#next();
  }

  #next(): string {
    const token = this.#tokens[this.#at++] ?? '';
    if (token === '{') {
      const inner = this.rest();
      this.#at++;
      return inner;
    }
    if (token === '_' || token === '^') return script(token, this.#argument());
    if (token === '$' || token === '}') return '';
    if (token === '&') return ' if ';
    if (token === String.raw`\\`) return ', ';
    return token.startsWith('\\') ? this.#command(token.slice(1)) : token.replace(/\s+/, ' ');
  }

  #command(name: string): string {
    const mark = MARKS[name];
    if (mark !== undefined) {
      const [first = '', ...others] = this.#argument();
      return first + mark + others.join('');
    }
    if (FACES.has(name)) return this.#argument();
    if (name === 'sqrt') {
      const text = this.#argument();
      return [...text].length === 1 ? `√${text}` : `√(${text})`;
    }
    if (name === 'frac' || name === 'tfrac') {
      const [above, below] = [this.#argument(), this.#argument()];
      if (above === '1' && below === '2') return '½';
      const text = `${factor(above)}/${factor(below)}`;
      return text.includes(' ') ? `(${text})` : text;
    }
    if (name === 'begin') {
      this.#argument();
      const inner = this.rest();
      this.#at++;
      this.#argument();
      return `(${inner})`;
    }
    return SIGNS[name] ?? name;
  }
}

/**
 * TeX as one line of text: `\bar a \mathrel{+}= \bar c \odot b` reads `ā += c̄ ⊙ b`.
 *
 * It knows what the rules of the library use; of a command that it does not know, the name remains.
 *
 * @param tex - The inside of `$…$`.
 * @returns Text without backslashes, braces and dollars.
 *
 * @example
 * ```ts
 * import { texToText } from 'contragrad/explain';
 *
 * const tex = String.raw`y = \ln \sum_j e^{x_j}`;
 * console.log(texToText(tex)); // y = ln Σⱼ e^(xⱼ)
 * ```
 */
export function texToText(tex: string): string {
  checkKind('texToText', 'tex', tex, 'string');
  const reader = new Reader(tex);
  return reader
    .rest()
    .replace(/ +/g, ' ')
    .replace(/(?<=[¬⟨]) | (?=[⟩,])/g, '')
    .trim()
    .normalize('NFC');
}
