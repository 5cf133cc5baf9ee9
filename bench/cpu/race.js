/** @file One workload: all do the same, which is checked, and then take turns. */

/** Who the others' times are divided by, and who their numbers are held against. */
export const YARDSTICK = 'contragrad compiled';
const REFERENCE = 'contragrad eager';

const FIRST_TOLERANCE = 1e-4;
const TRAINED_STEPS = 20;
const TRAINED_TOLERANCE = 1e-3;
const FEWEST_ROUNDS = 3;

/** How often each has its turn, and the seconds of a turn and of the warm-up. A short run is for trying things. */
export const EFFORTS = {
  full: { rounds: 31, burst: 0.03, warmUp: 1 },
  quick: { rounds: 7, burst: 0.01, warmUp: 0.2 },
};

/** How far numbers are apart, relative to the largest; NaN, which agrees with nothing, where one is missing. */
function apart(numbers, reference) {
  let [difference, largest] = [0, 0];
  for (let k = 0; k < reference.length; k++) {
    difference = Math.max(difference, Math.abs(numbers[k] - reference[k]));
    largest = Math.max(largest, Math.abs(reference[k]));
  }
  return difference / largest;
}

function requireAgreement(workload, moment, runners, tolerance) {
  const reference = runners.find(({ name }) => name === REFERENCE);
  for (const { name, figures } of runners) {
    if (apart(figures, reference.figures) <= tolerance) continue;
    const shown = (numbers) => Array.from(numbers).slice(0, 4).join(', ');
    throw new Error(
      `${workload}, ${moment}: ${name} computed ${shown(figures)}, ${REFERENCE} ${shown(reference.figures)}; ` +
        `they may differ by ${tolerance} of the largest`,
    );
  }
}

/** Each contestant's `burst` for a workload, after its first step; or why it has none. */
async function lineUp(workload, contestants) {
  const [runners, refusals] = [[], []];
  for (const { name, drifts = false, prepare } of contestants) {
    try {
      const prepared = await prepare(workload);
      if (prepared === null) continue;
      const { figures } = await prepared.burst(1);
      runners.push({ name, drifts, figures, ...prepared });
    } catch (error) {
      if (name === YARDSTICK || name === REFERENCE) throw error;
      refusals.push({ name, refusal: error.message.split('\n')[0] });
    }
  }
  return [runners, refusals];
}

/** Seconds of a step, from bursts that grow until an engine had time to warm up. */
async function warmUp({ burst }, seconds) {
  for (let [count, spent] = [1, 0]; ; count *= 2) {
    const last = await burst(count);
    spent += last.seconds;
    if (spent > seconds / 2) return last.seconds / count;
  }
}

async function takeTurns(runners, { rounds, burst, warmUp: warmUpSeconds }) {
  for (const runner of runners) {
    const aStep = await warmUp(runner, warmUpSeconds);
    runner.count = Math.max(1, Math.round(burst / aStep));
    // One whose single step outlasts a burst comes in fewer rounds, spread over all.
    const affordable = Math.floor((2 * burst * rounds) / (runner.count * aStep));
    runner.rounds = Math.min(rounds, Math.max(FEWEST_ROUNDS, affordable));
    runner.times = [];
  }
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < runners.length; place++) {
      const runner = runners[(round + place) % runners.length];
      const roundsBy = (end) => Math.floor((end * runner.rounds) / rounds);
      if (roundsBy(round + 1) === roundsBy(round)) continue;
      // Nobody pays for the garbage of the one before.
      globalThis.gc({ type: 'minor' });
      const { seconds } = await runner.burst(runner.count);
      runner.times.push(seconds / runner.count);
    }
  }
}

function quantile(sorted, share) {
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place % 1);
}

/** Ratios of every contestant, and what they computed. */
export async function race(name, workload, contestants, effort) {
  const [runners, refusals] = await lineUp(workload, contestants);
  const find = (wanted) => runners.find((runner) => runner.name === wanted);
  requireAgreement(name, 'first step', runners, FIRST_TOLERANCE);
  let losses;
  if (workload.kind === 'step') {
    const reference = find(REFERENCE);
    const first = reference.figures[0];
    for (const runner of runners.filter(({ drifts }) => drifts)) {
      runner.gradientApart = apart(runner.gradient(), reference.gradient());
    }
    const exact = runners.filter(({ drifts }) => !drifts);
    for (const runner of exact) ({ figures: runner.figures } = await runner.burst(TRAINED_STEPS - 1));
    requireAgreement(name, `step ${TRAINED_STEPS}`, exact, TRAINED_TOLERANCE);
    losses = { first, trained: reference.figures[0] };
  }
  await takeTurns(runners, effort);
  for (const { times, end } of runners) {
    times.sort((a, b) => a - b);
    end?.();
  }
  const yardstick = quantile(find(YARDSTICK).times, 0.5);
  const results = runners.map((runner) => ({
    name: runner.name,
    ratio: quantile(runner.times, 0.5) / yardstick,
    quartiles: [0.25, 0.75].map((share) => quantile(runner.times, share) / yardstick),
    microseconds: quantile(runner.times, 0.5) * 1e6,
    rounds: runner.times.length,
    stepsARound: runner.count,
    executor: runner.executor?.(),
    gradientApart: runner.gradientApart,
  }));
  return { workload: name, losses, results: [...results, ...refusals] };
}
