/** @file Mutants of code that is no rule which no input can tell from it, each with its proof; by file, place, original and mutated text. */

const beyond = 'Beyond the end both are undefined: nothing is asked of the one, and the other is the same.';
const again = 'The same is only noted, or asked, once more.';
const home = 'A plan that does not know where a number came from copies it.';
const own =
  'A number of the step, noted in place of the one that a leaf came with, is laid out where it is made: a plan copies it.';
const write = 'What is written beyond the end is dropped, or written over by the next run.';

/** The proofs. */
export const EQUIVALENT: Record<string, string> = {
  'src/metrics/clusters.ts kMeans: c < k in for (let c = 0; c < k; c++) { const members = rows.filter((_, i) => clusters[i] … -> c <= k':
    'No point is in cluster k: its centre is left out.',
  "src/checks.ts readOptions: options?.constructor !== Object && describe(options) !== 'an object' in if (options?.constructor !== Object && describe(options) !== 'an object') { thro… -> describe(options) !== 'an object'":
    'What has the constructor Object is described as an object: the first condition saves the words.',
  'src/checks.ts nearest: 100 in common / 100 -> 101':
    'Where shares are equal the number of letters decides, by however little.',
  'src/metrics/spread.ts effectiveRank: size <= count in size <= count ? [size, count, 1, size] : [count, size, size, 1] -> size < count':
    'Of a square matrix both products have the same eigenvalues.',
  'src/checks.ts checkNumbers: ArrayBuffer.isView(row) in ArrayBuffer.isView(row) ? Math.min(row.length, 1) : row.length -> false':
    'A typed array holds one kind: one element says what all do.',
  'src/checks.ts checkNumbers: 1 in Math.min(row.length, 1) -> 2':
    'A typed array holds one kind: one element says what all do.',
  'src/compile/arguments.ts areDistinct: 0 in i = 0 -> 1': beyond,
  "src/compile/arguments.ts areDistinct: i < args.length in for (let i = 0; i < args.length; i++) { if (typeof args[i] !== 'object') continu… -> i <= args.length":
    beyond,
  'src/compile/arguments.ts describeCall.read: -0 in Object.is(value, -0) -> 0':
    'The texts of 0 and -0 change places, and stay two.',
  'src/compile/contents.ts watchContents: i < parts.length in for (let i = 0; i < parts.length; i++) if (!Object.is(now[i], parts[i])) return … -> i <= parts.length':
    beyond,
  'src/compile/plan.ts Blueprint.constructor: value ?? [] -> value':
    'No value has the number null, so that none is kept for it.',
  'src/compile/recorder.ts StepRecorder.#looksAt: this.#watched.add(array); -> nothing': again,
  'src/compile/recorder.ts StepRecorder.#looksAt: this.#watched.has(array) in if (this.#watched.has(array)) return; -> false':
    again,
  'src/compile/recorder.ts StepRecorder.#source: !this.#values.has(storage) in if (!this.#values.has(storage)) { this.#places.set(storage, place); this.sources… -> true':
    'A storage without a place is made in the step: a tensor from before has it only where the step bound it, and is then passed as itself.',
  'src/compile/recorder.ts StepRecorder.#sourceOf: origin.generator.serial < this.#start -> origin.generator.serial <= this.#start':
    'No generator but one that nobody has begins with this number.',
  "src/compile/recorder.ts StepRecorder.#sourceOf: origin.kind === 'value' in if (origin.kind === 'value') { const path = this.pathOf(origin.value); if (path … -> true":
    'A draw has no value, and nothing stands for undefined.',
  'src/compile/recorder.ts StepRecorder.constructor: this.#owners.set(standIn, standIn.storage); -> nothing': again,
  'src/compile/recorder.ts StepRecorder.counts: generator.serial >= this.#start -> generator.serial > this.#start':
    'No generator but one that nobody has begins with this number.',
  'src/compile/recorder.ts StepRecorder.recording.isSame: countWrites() === writes in if (countWrites() === writes) return true; -> false':
    again,
  'src/compile/recorder.ts StepRecorder.recording.isSame: writes = countWrites(); -> nothing': again,
  'src/compile/recorder.ts StepRecorder.sourcesOf.known: this.#values.get(storage as Storage) ?? null -> null': home,
  'src/compile/recorder.ts StepRecorder.sourcesOf.known: this.#values.get(storage as Storage) ?? null -> this.#values.get(storage as Storage)':
    'What asks for the number takes undefined, which is no number either, for null.',
  'src/compile/recorder.ts StepRecorder.sourcesOf: 0 in this.#gradients.get(leaf)?.peek()[0] -> 1': home,
  'src/devices/cpu/elementwise.ts greater: t < n in for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! > b[j + t * q]! ? 1 : 0; -> t <= n':
    write,
  'src/devices/cpu/elementwise.ts greaterEqual: t < n in for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! >= b[j + t * q]! ? 1 : 0;… -> t <= n':
    write,
  'src/devices/cpu/elementwise.ts less: t < n in for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! < b[j + t * q]! ? 1 : 0; -> t <= n':
    write,
  'src/devices/cpu/elementwise.ts lessEqual: t < n in for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! <= b[j + t * q]! ? 1 : 0;… -> t <= n':
    write,
  'src/devices/cpu/elementwise.ts maximum: t < n in for (let t = 0; t < n; t++) out[o + t] = Math.max(a[i + t * p]!, b[j + t * q]!);… -> t <= n':
    write,
  'src/devices/cpu/elementwise.ts minimum: t < n in for (let t = 0; t < n; t++) out[o + t] = Math.min(a[i + t * p]!, b[j + t * q]!);… -> t <= n':
    write,
  'src/devices/cpu/elementwise.ts notEqual: t < n in for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! !== b[j + t * q]! ? 1 : 0… -> t <= n':
    write,
  'src/devices/cpu/elementwise.ts relu: i < out.length in for (let i = 0; i < out.length; i++) out[i] = Math.max(x[i]!, 0); -> i <= out.length':
    write,
  'src/devices/cpu/elementwise.ts sigmoid: i < out.length in for (let i = 0; i < out.length; i++) { const e = Math.exp(-Math.abs(x[i]!)); out… -> i <= out.length':
    write,
  'src/devices/cpu/elementwise.ts sigmoid: x[i]! < 0 in x[i]! < 0 ? e : 1 -> x[i]! <= 0': 'At 0 both numerators are 1.',
  'src/devices/cpu/elementwise.ts sign: i < out.length in for (let i = 0; i < out.length; i++) out[i] = x[i]! > 0 ? 1 : x[i]! < 0 ? -1 : 0… -> i <= out.length':
    write,
  'src/devices/cpu/elementwise.ts softplus: i < out.length in for (let i = 0; i < out.length; i++) out[i] = Math.max(x[i]!, 0) + Math.log1p(Ma… -> i <= out.length':
    write,
  'src/devices/cpu/elementwise.ts where: t < length in for (let t = 0; t < length; t++) { out[o + t] = condition![h! + t * r] !== 0 ? a… -> t <= length':
    write,
  'src/devices/cpu/reduce.ts logSumExp: row < rows in for (let row = 0; row < rows; row++) { const [shift, sum] = shiftedSum(x!, mask,… -> row <= rows':
    write,
  'src/devices/cpu/reduce.ts shiftedSum: 0 in Number.isFinite(max) ? max : 0 -> 1':
    'Where the largest is infinite or NaN, its sum and quotients are the same from 1 as from 0.',
  'src/devices/cpu/reduce.ts softmax: j < start + columns in for (let j = start; j < start + columns; j++) { if (mask === undefined || mask[j… -> j <= start + columns':
    write,
  'src/devices/cpu/reduce.ts softmax: row < rows in for (let row = 0; row < rows; row++) { const start = row * columns; const [shift… -> row <= rows':
    write,
  'src/metrics/clusters.ts entropy: count / total -> count * total':
    'All entropies have the same factor, which their quotient has not.',
  'src/metrics/clusters.ts entropy: sum -= (count / total) * Math.log(count / total) -> sum += (count / total) * Math.log(count / total)':
    'All entropies have the same factor, which their quotient has not.',
  'src/metrics/clusters.ts kMeans: -1 in new Int32Array(count).fill(-1) -> 1':
    'The row that is the first centre is in cluster 0, so that the first round moves it all the same.',
  'src/metrics/clusters.ts kMeans: 1 in -1 -> 2':
    'The row that is the first centre is in cluster 0, so that the first round moves it all the same.',
  'src/metrics/knn.ts knnAccuracy: at > 0 && nearest[at - 1]! > distance in for (; at > 0 && nearest[at - 1]! > distance; at--) { nearest[at] = nearest[at -… -> nearest[at - 1]! > distance':
    'Before the first there is nothing, which is not further.',
  'src/metrics/knn.ts knnAccuracy: at > 0 in at > 0 && nearest[at - 1]! > distance -> at >= 0':
    'Before the first there is nothing, which is not further.',
  'src/metrics/knn.ts knnAccuracy: distance >= furthest -> distance > furthest':
    'What is too far is left out after the sum as well.',
  'src/metrics/knn.ts knnAccuracy: query < total in for (let query = 0; query < total; query++) { nearest.fill(Number.POSITIVE_INFIN… -> query <= total':
    'There is no such query: its label is undefined, and no class.',
  'src/metrics/knn.ts knnAccuracy: start < size && !(distance >= furthest) in for (let start = 0; start < size && !(distance >= furthest); start += BLOCK) { c… -> start < size':
    'What is too far is left out after the sum as well.',
  'src/metrics/knn.ts knnAccuracy: start < size -> start <= size': 'A block without coordinates adds nothing.',
  'src/metrics/knn.ts knnAccuracy: t < size in for (let t = 0; t < size; t++) point[t] = queries.points[query * size + t]!; -> t <= size':
    write,
  'src/metrics/knn.ts vote: 0 in votes.get(labels[index]!) ?? 0 -> 1': 'All counts change alike: their order stays.',
  'src/metrics/knn.ts vote: 1 in (votes.get(labels[index]!) ?? 0) + 1 -> 2':
    'All counts change alike: their order stays.',
  'src/metrics/retrieval.ts relevance: other < count in for (let other = 0; other < count; other++) { for (let t = 0; t < size; t++) { d… -> other <= count':
    write,
  'src/metrics/retrieval.ts relevance: query < queries.labels.length in for (let query = 0; query < queries.labels.length; query++) { const distances = … -> query <= queries.labels.length':
    'There is no such query: its label is undefined, and no class.',
  'src/metrics/spread.ts uniformity: 0 in i = 0 -> 1': 'Before the first row there is none to pair it with.',
  "src/metrics/verification.ts equalErrorRate: throw new ArgumentError('equalErrorRate', 'the rates never meet'); -> nothing":
    'The last threshold accepts all: there, at the latest, the rates meet.',
  'src/optim/adam.ts Adam.beforeStep: isMoved.every(Boolean) in isMoved.every(Boolean) ? 1 : tensor(isMoved.map(Number), { dtype, device }) -> false':
    'A vector of ones adds what the number 1 adds.',
  'src/compile/recorder.ts StepRecorder.uses: this.#made.has(tensor) || this.#owners.has(tensor) in if (this.#made.has(tensor) || this.#owners.has(tensor)) return; -> this.#made.has(tensor)':
    own,
  'src/compile/recorder.ts StepRecorder.#note: this.#owners.set(tensor, storage); -> nothing': home,
  'src/compile/recorder.ts StepRecorder.rebinds: !this.#owners.has(tensor) in if (!this.#owners.has(tensor)) this.#note(tensor, tensor.peek()[0]); -> false':
    own,
  'src/compile/recorder.ts StepRecorder.rebinds: !this.#owners.has(tensor) in if (!this.#owners.has(tensor)) this.#note(tensor, tensor.peek()[0]); -> true':
    own,
  'src/compile/recorder.ts StepRecorder.rebinds: 0 in tensor.peek()[0] -> 1': home,
  'src/compile/recorder.ts StepRecorder.rebinds: this.#note(tensor, tensor.peek()[0]); -> nothing': own,
};
