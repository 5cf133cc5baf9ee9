/** @file The rules' formulas as text. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Op } from '../../src/autograd/op.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import { texToText } from '../../src/explain/index.js';

const files = readdirSync('src/ops').filter((name) => name !== 'methods.ts' && name !== 'index.ts');
const modules = await Promise.all(
  ['autograd/linear.ts', ...files.map((name) => `ops/${name}`)].map(
    (path) => import(`../../src/${path}`) as Promise<Record<string, unknown>>,
  ),
);
const rules = modules
  .flatMap((module) => Object.entries(module))
  .filter(([name]) => name.endsWith('Op'))
  .map(([name, op]) => ({ name, rule: (op as Op<readonly Tensor[], undefined>).rule }));

test('every rule of the library reads without TeX', () => {
  expect(rules.length).toBeGreaterThan(40);
  for (const { name, rule } of rules) {
    for (const tex of [rule.formula, ...[rule.localDerivative].flat()]) {
      expect(texToText(tex), name).toMatch(/^[^\\{}$&]+$/);
      expect(texToText(tex), name).not.toMatch(/mathrel|operatorname|begin|cases|frac|[_^]\{/);
    }
  }
});

test.each([
  [String.raw`\bar a \mathrel{+}= \bar c \odot b`, 'ā += c̄ ⊙ b'.normalize('NFC')],
  [String.raw`\bar b \mathrel{-}= \bar c \odot a \oslash b^2`, 'b̄ -= c̄ ⊙ a ⊘ b²'.normalize('NFC')],
  [String.raw`D_{ij} = \sum_k (a_{ik} - b_{jk})^2`, 'Dᵢⱼ = Σₖ (aᵢₖ - bⱼₖ)²'],
  [String.raw`\bar B \mathrel{+}= A^\top \bar C`, 'B̄ += Aᵀ C̄'.normalize('NFC')],
  [String.raw`y = \ln \sum_j m_j e^{x_j}`, 'y = ln Σⱼ mⱼ e^(xⱼ)'],
  [String.raw`\begin{cases}y \oslash 2y & x > 0\\ 0 & x = 0\end{cases}`, '(y ⊘ 2y if x > 0, 0 if x = 0)'],
  [String.raw`\tfrac{2}{\sqrt\pi} e^{-x^2}`, '2/√π e^(-x²)'],
  [String.raw`\frac{a + b}{\sum_j [x_j = y]}`, '((a + b)/Σⱼ [xⱼ = y])'],
  [String.raw`\tfrac12 x_{k_{ij} j} \le x_{[\text{part } i]}`, '½ x_(kᵢⱼ j) ≤ x[part i]'],
  [String.raw`\unheard x`, 'unheard x'],
  ['a } b', 'a'],
  [String.raw`\frac{a`, 'a/'],
])('%s reads %s', (tex, text) => expect(texToText(tex)).toBe(text));
