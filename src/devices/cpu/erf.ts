/** @file The error function, which JavaScript lacks. */

/**
 * erf x = 2/√π ∫₀ˣ e^(-t²) dt, to about 1e-15: near 0 by the series 2/√π e^(-x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!, whose terms
 * are all of one sign; far out by the continued fraction of 1 - erf x.
 *
 * Abramowitz, Stegun: "Handbook of mathematical functions", 7.1.6 and 7.1.14.
 */
export function erf(x: number): number {
  const size = Math.abs(x);
  const bell = Math.exp(-x * x);
  if (size < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * bell * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (size + fraction);
  return Math.sign(x) * (1 - bell / (Math.sqrt(Math.PI) * (size + fraction)));
}
