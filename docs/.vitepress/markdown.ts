/** @file How Markdown becomes pages: formulas, and marks by which the style sheet tells long words from short ones. */
import { katex } from '@mdit/plugin-katex';
import type { MarkdownRenderer } from 'vitepress';

/** From how many characters of TeX on a formula may be wider than a phone. */
const LONG = 40;

/** Up to how many characters code within a line stays in one piece: half a phone's width. */
const SHORT = 24;

/** The markup of a formula; one that KaTeX cannot read ends the build. */
function formula(html: string): string {
  if (html.includes('katex-error')) throw new Error(`KaTeX cannot read ${html}`);
  // Braces in TeX must not reach Vue, and a display that scrolls must be reached by keyboard.
  return html.replace('<span', '<span v-pre').replace(/^<p /, '<p tabindex="0" ');
}

/** Whether a block of text has columns, which a line broken in two would disorder. */
const hasColumns = (text: string): boolean => (text.match(/\S(?: {2,}|,)\S.*$/gm) ?? []).length > 2;

/** Lets each block of code be coloured once: a page is read a second time for the search. */
function colourOnce({ options }: MarkdownRenderer): void {
  const { highlight } = options;
  const coloured = new Map<string, string>();
  options.highlight = (...block) => {
    const key = JSON.stringify(block);
    const html = coloured.get(key) ?? highlight!(...block);
    coloured.set(key, html);
    return html;
  };
}

/** Adds to VitePress' Markdown what this site's pages need. */
export function extend(md: MarkdownRenderer): void {
  colourOnce(md);
  // VitePress brings types of markdown-it of its own.
  katex(md as unknown as Parameters<typeof katex>[0], { delimiters: 'dollars', transformer: formula });

  // A comma after a formula does not begin the next line.
  md.core.ruler.push('closing-marks', ({ tokens, Token }) => {
    for (const { children } of tokens) {
      for (let i = (children?.length ?? 0) - 2; i >= 0; i--) {
        const [formula, next] = [children![i]!, children![i + 1]!];
        const mark = formula.type === 'math_inline' && next.type === 'text' && /^[,.;:)?!]+/.exec(next.content)?.[0];
        if (!mark) continue;
        const [opening, text, closing] = ['html_inline', 'text', 'html_inline'].map((type) => new Token(type, '', 0));
        opening!.content = '<span class="closed">';
        text!.content = mark;
        closing!.content = '</span>';
        next.content = next.content.slice(mark.length);
        children!.splice(i, 1, opening!, formula, text!, closing!);
      }
    }
  });

  md.core.ruler.push('marks', ({ tokens }) => {
    for (const [index, { children, content }] of tokens.entries()) {
      const opening = tokens[index - 1];
      // Paragraphs that scroll on narrow screens, since a formula in them is long, must be reached by keyboard.
      const isLong = children?.some((child) => child.type === 'math_inline' && child.content.length > LONG);
      if (isLong && opening?.type === 'paragraph_open') opening.attrSet('tabindex', '0');
      if (opening?.type === 'td_open' && content.length > SHORT) opening.attrJoin('class', 'words');
      for (const child of children ?? []) {
        if (child.type === 'code_inline' && child.content.length <= SHORT) child.attrJoin('class', 'short');
      }
    }
  });

  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const html = fence!(tokens, index, ...rest);
    return hasColumns(tokens[index]!.content)
      ? html.replace('class="language-text', 'class="columns language-text')
      : html;
  };
}
