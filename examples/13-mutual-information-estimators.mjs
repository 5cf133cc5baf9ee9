/**
 * @file How well mutual information can be estimated from one batch: correlated Gaussians, whose true value is known.
 *
 * x and y are d-dimensional standard normal, each pair of coordinates with correlation ρ. The critic is exact: f(x)·g(y) is
 * log p(y|x) / p(y) but for a constant, which only jsd needs. Run it with `node examples/13-mutual-information-estimators.mjs`.
 */
import { Generator, mutualInformationLoss, randn, tensor } from 'contragrad';

const D = 20;
const N = 256;
const generator = new Generator(1);

/** f = [√c·x, -k‖x‖², 1], g = [√c·y, 1, -k‖y‖²], and the constant in a coordinate of its own. */
function towers(x, y, rho) {
  const [c, k] = [rho / (1 - rho ** 2), rho ** 2 / (2 * (1 - rho ** 2))];
  const constant = -(D / 2) * Math.log(1 - rho ** 2);
  const rows = (points, last) =>
    points.toArray().map((row) => {
      const square = row.reduce((sum, v) => sum + v * v, 0);
      return [...row.map((v) => Math.sqrt(c) * v), ...last(-k * square)];
    });
  const float64 = { dtype: 'float64' };
  return [
    tensor(
      rows(x, (s) => [s, 1, constant]),
      float64,
    ),
    tensor(
      rows(y, (s) => [1, s, 1]),
      float64,
    ),
  ];
}

console.log(`nats between ${D}-dimensional Gaussians, one batch of ${N}, exact critic\n`);
console.log('rho     true   infoNCE     dv  jsd (at most 1.39)');
for (const rho of [0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.99]) {
  const options = { dtype: 'float64', generator };
  const x = randn([N, D], options);
  const y = x.mul(rho).add(randn([N, D], options).mul(Math.sqrt(1 - rho ** 2)));
  const [f, g] = towers(x, y, rho);
  const loss = (estimator) => mutualInformationLoss(f, g, { estimator }).item();
  const values = [
    -(D / 2) * Math.log(1 - rho ** 2),
    Math.min(Math.log(N) - loss('infoNCE'), Math.log(N)),
    -loss('dv'),
    2 * Math.log(2) - loss('jsd'),
  ];
  console.log(
    `${rho.toFixed(2)}  ${values.map((value) => value.toFixed(2).replace('-0.00', '0.00').padStart(7)).join('  ')}`,
  );
}
console.log(`
InfoNCE compares a sample with the ${N - 1} others of its batch: it cannot report more than log N = ${Math.log(N).toFixed(2)} nats, however
much there is. dv has no such ceiling, but its logarithm of a mean over one batch is dominated by its largest term: what it
reports is no bound. jsd measures another divergence, which saturates at 2 log 2; it is a good loss, and no estimate in nats.`);
