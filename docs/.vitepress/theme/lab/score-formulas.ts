/** @file The formulas of the losses that are made of scores: InfoNCE and mutual information. */
import type { Evaluation, PairForce } from './evaluate.js';
import { type Formula, type PairLine, place, sigmoid, softplus, total } from './formula-parts.js';

/** The probabilities and scores that an InfoNCE or mutual-information loss is made of. */
function scoresOf({ rows, columns, pairAt, options }: Evaluation) {
  const temperature = options.temperature as number;
  const scores = rows.map((row) => columns.map((column) => pairAt(row, column)!.measure / temperature));
  const softmax = (line: readonly number[]): number[] => {
    const top = Math.max(...line);
    const weights = line.map((score) => Math.exp(score - top));
    const sum = total(weights);
    return weights.map((weight) => weight / sum);
  };
  const byRow = scores.map(softmax);
  const byColumn = columns.map((_, j) => softmax(scores.map((line) => line[j]!)));
  const own = scores.map((line, i) => line[i]!);
  const others = scores.flatMap((line, i) => line.filter((_, j) => j !== i));
  return { n: rows.length, temperature, scores, byRow, byColumn, own, others };
}

const mean = (values: readonly number[]): number => total(values) / values.length;

/** Whether the loss is InfoNCE, by itself or as the estimator of mutual information. */
const isInfoNCE = ({ loss, options }: Evaluation): boolean => loss === 'infoNCE' || options.estimator === 'infoNCE';

function scoreLine({ loss, options }: Evaluation): string {
  const [a, b] = loss === 'infoNCE' ? ['q', 'k'] : ['l', 'g'];
  const hat = (name: string): string => (options.normalize ? String.raw`\hat ${name}` : name);
  return String.raw`s_{ij} = ${hat(a!)}_i\cdot ${hat(b!)}_j,\quad \tau = ${options.temperature},\quad ${a}\text{: first views, }${b}\text{: second}`;
}

/** The loss of the batch. */
export function scoreFormula(evaluation: Evaluation): Formula {
  return isInfoNCE(evaluation) ? infoNCEFormula(evaluation) : estimatorFormula(evaluation);
}

function infoNCEFormula(evaluation: Evaluation): Formula {
  const { symmetric, reduction } = evaluation.options;
  const { byRow, byColumn, n } = scoresOf(evaluation);
  const surprise = (lines: readonly (readonly number[])[]): number =>
    total(lines.map((line, i) => -Math.log(line[i]!)));
  const scale = reduction === 'mean' ? String.raw`\frac1N` : '';
  const scaled = reduction === 'mean' ? String.raw`\frac{1}{${place('n')}}` : '';
  const softmax = String.raw`p_{ij} = \frac{e^{s_{ij}/\tau}}{\sum_k e^{s_{ik}/\tau}}`;
  if (symmetric) {
    return {
      lines: [
        String.raw`L = -\frac12${scale}\sum_i \big(\log p_{ii} + \log p'_{ii}\big),\quad ${softmax}`,
        String.raw`\hphantom{L} = \frac12${scaled}\big(${place('rows')} + ${place('columns')}\big) = ${place('value')}`,
        String.raw`${scoreLine(evaluation)},\quad p'\text{ by columns}`,
      ],
      numbers: { n, rows: surprise(byRow), columns: surprise(byColumn), value: evaluation.value },
    };
  }
  const shown = byRow.slice(0, 3).map((line, i) => [`p${i}`, line[i]!] as const);
  const logs = shown.map(([name]) => String.raw`\log ${place(name)}`).join(' + ');
  return {
    lines: [
      String.raw`L = -${scale}\sum_i \log p_{ii},\quad ${softmax}`,
      String.raw`\hphantom{L} = -${scaled}\big(${logs}${n > 3 ? String.raw` + \cdots` : ''}\big) = ${place('value')}`,
      scoreLine(evaluation),
    ],
    numbers: { n, ...Object.fromEntries(shown), value: evaluation.value },
  };
}

function estimatorFormula(evaluation: Evaluation): Formula {
  const { own, others } = scoresOf(evaluation);
  const [near, far] = [String.raw`\frac1N\sum_i`, String.raw`\frac{1}{N(N-1)}\sum_{i\ne j}`];
  if (evaluation.options.estimator === 'jsd') {
    return {
      lines: [
        String.raw`L = ${near} \operatorname{sp}(-s_{ii}/\tau) + ${far} \operatorname{sp}(s_{ij}/\tau)`,
        String.raw`\hphantom{L} = ${place('near')} + ${place('far')} = ${place('value')}`,
        String.raw`${scoreLine(evaluation)},\quad \operatorname{sp}(x) = \log(1 + e^x)`,
      ],
      numbers: {
        near: mean(own.map((score) => softplus(-score))),
        far: mean(others.map(softplus)),
        value: evaluation.value,
      },
    };
  }
  const top = Math.max(...others);
  return {
    lines: [
      String.raw`L = -${near} s_{ii}/\tau + \log ${far} e^{s_{ij}/\tau}`,
      String.raw`\hphantom{L} = -${place('near')} + ${place('far')} = ${place('value')}`,
      scoreLine(evaluation),
    ],
    numbers: {
      near: mean(own),
      far: top + Math.log(mean(others.map((score) => Math.exp(score - top)))),
      value: evaluation.value,
    },
  };
}

/** A pair's slope. */
export function scorePair(evaluation: Evaluation, { on, from, positive, measure }: PairForce): PairLine {
  const { symmetric, reduction, estimator } = evaluation.options;
  const { byRow, byColumn, n, temperature, others } = scoresOf(evaluation);
  const [row, column] = on % 2 === 0 ? [on >> 1, from >> 1] : [from >> 1, on >> 1];
  const delta = Number(positive);
  if (isInfoNCE(evaluation)) {
    const count = reduction === 'mean' ? String.raw`N\,` : '';
    const counted = reduction === 'mean' ? String.raw`${place('n')}\cdot ` : '';
    const numbers = { n, p: byRow[row]![column]!, delta, temperature };
    if (!symmetric) {
      return {
        line: String.raw`\frac{p_{ij} - \delta_{ij}}{${count}\tau} = \frac{${place('p')} - ${place('delta')}}{${counted}${place('temperature')}}`,
        numbers,
      };
    }
    return {
      line: String.raw`\frac{${place('p')} + ${place('back')} - 2\cdot ${place('delta')}}{2\cdot ${counted}${place('temperature')}}`,
      numbers: { ...numbers, back: byColumn[column]![row]! },
    };
  }
  if (estimator === 'jsd') {
    const score = measure / temperature;
    const numbers = { n, rest: n - 1, temperature, sigma: sigmoid(positive ? -score : score) };
    return positive
      ? { line: String.raw`-\frac{${place('sigma')}}{${place('n')}\cdot ${place('temperature')}}`, numbers }
      : {
          line: String.raw`\frac{${place('sigma')}}{${place('n')}\cdot ${place('rest')}\cdot ${place('temperature')}}`,
          numbers,
        };
  }
  if (positive) {
    return { line: String.raw`-\frac{1}{${place('n')}\cdot ${place('temperature')}}`, numbers: { n, temperature } };
  }
  const top = Math.max(...others);
  const share = Math.exp(measure / temperature - top) / total(others.map((score) => Math.exp(score - top)));
  return {
    line: String.raw`\frac{${place('share')}}{${place('temperature')}}`,
    numbers: { share, temperature },
  };
}
