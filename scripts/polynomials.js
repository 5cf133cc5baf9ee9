/**
 * @file Prints the coefficients of the polynomials in src/devices/cpu/assembly/exponential.ts: fits on Chebyshev's points
 * by least squares, weighted anew in each round so that the largest error shrinks (Lawson's method). Run it after a build.
 */
import { erf } from '../dist/devices/cpu/erf.js';

/** The sum of a series up to terms that no longer count. */
const series = (term) => {
  let sum = 0;
  for (let k = 0; k < 200; k++) sum += term(k);
  return sum;
};
const factorial = (n) => (n <= 1 ? 1 : n * factorial(n - 1));

// What is fitted, from where to where, by which degree, and what an error of the polynomial there means for the result.
const fits = [
  {
    name: 'EXP: (exp(r) - 1 - r) / r²',
    of: (r) => series((k) => (k < 30 ? r ** k / factorial(k + 2) : 0)),
    range: [-0.34663, 0.34663],
    degree: 4,
    weight: (r) => r * r + 1e-4,
  },
  {
    name: 'LOG: (log(1 + f) - f + f²/2) / f³',
    of: (f) => series((k) => (-f) ** k / (k + 3)),
    range: [Math.SQRT1_2 - 1, Math.SQRT2 - 1],
    degree: 8,
    weight: (f) => f * f + 1e-4,
  },
  {
    name: 'ERF: -log(1 - erf(x)) / x',
    of: (x) => -Math.log1p(-erf(x)) / x,
    range: [1e-4, 4],
    degree: 10,
    // Relative to erf x, whose derivative by the polynomial is x (1 - erf x).
    weight: (x) => (x * (1 - erf(x))) / erf(x),
  },
];

/** The solution of a square system, by elimination. */
function solve(rows) {
  const n = rows.length;
  for (let i = 0; i < n; i++) {
    let best = i;
    for (let j = i; j < n; j++) if (Math.abs(rows[j][i]) > Math.abs(rows[best][i])) best = j;
    [rows[i], rows[best]] = [rows[best], rows[i]];
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const factor = rows[j][i] / rows[i][i];
      for (let c = i; c <= n; c++) rows[j][c] -= factor * rows[i][c];
    }
  }
  return rows.map((row, i) => row[n] / row[i]);
}

/** T₀(s) … T_degree(s), Chebyshev's polynomials. */
function chebyshev(s, degree) {
  const values = [1, s];
  while (values.length <= degree) values.push(2 * s * values.at(-1) - values.at(-2));
  return values.slice(0, degree + 1);
}

/** The same polynomial in powers of x: Chebyshev's polynomials of (2 x - low - high) / (high - low). */
function powers(fit, [low, high]) {
  const add = (p, q, factor) =>
    Array.from({ length: Math.max(p.length, q.length) }, (_, k) => (p[k] ?? 0) + factor * (q[k] ?? 0));
  const slope = 2 / (high - low);
  const shift = -(low + high) / (high - low);
  const times = (p) =>
    add(
      p.map((c) => c * shift),
      [0, ...p.map((c) => c * slope)],
      1,
    );
  const basis = [[1], times([1])];
  while (basis.length < fit.length)
    basis.push(
      add(
        times(basis.at(-1)).map((c) => 2 * c),
        basis.at(-2),
        -1,
      ),
    );
  return fit.reduce((sum, c, k) => add(sum, basis[k], c), [0]);
}

for (const { name, of, range, degree, weight } of fits) {
  const [low, high] = range;
  const points = Array.from({ length: 400 }, (_, i) => {
    const s = Math.cos((Math.PI * (i + 0.5)) / 400);
    const x = (low + high) / 2 + ((high - low) / 2) * s;
    return { x, basis: chebyshev(s, degree), value: of(x), weight: weight(x), lawson: 1 };
  });
  let best = { error: Number.POSITIVE_INFINITY, fit: [] };
  for (let round = 0; round < 60; round++) {
    const rows = Array.from({ length: degree + 1 }, () => new Array(degree + 2).fill(0));
    for (const { basis, value, weight, lawson } of points) {
      const w = weight * weight * lawson;
      rows.forEach((row, i) => {
        for (let j = 0; j <= degree; j++) row[j] += w * basis[i] * basis[j];
        row[degree + 1] += w * basis[i] * value;
      });
    }
    const fit = solve(rows);
    const errors = points.map(({ basis, value, weight }) =>
      Math.abs(weight * (basis.reduce((sum, b, k) => sum + b * fit[k], 0) - value)),
    );
    const error = Math.max(...errors);
    if (error < best.error) best = { error, fit };
    const total = points.reduce((sum, point, i) => sum + point.lawson * errors[i], 0);
    points.forEach((point, i) => {
      point.lawson *= (errors[i] * points.length) / total;
    });
  }
  console.log(`${name}, error ${best.error.toExponential(1)}`);
  for (const c of powers(best.fit, range)) console.log(`  ${Math.fround(c)}`);
}
