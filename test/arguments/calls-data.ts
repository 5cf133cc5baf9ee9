/** @file Calls of data, files, explanations, test helpers and the GPU. */
import type { Calls } from './calls.js';

const ARRAY = "factor: 1, shape: [3], classes: ['0', '1'], maxBytes: 1000";
const IMAGE = 'size: [4, 4], channels: 1, maxPixels: 1000, maxBytes: 1000';
const TABLE =
  "label: 'label', group: 'a', drop: ['b'], missing: 'drop', header: true, classes: ['one', 'two'], shape: [1], maxBytes: 1000";
const NUMBER_AUGMENTATIONS = ['brightness', 'contrast', 'featureDropout', 'horizontalFlip', 'noise', 'verticalFlip'];

const AUGMENT: Calls = {
  ...Object.fromEntries(NUMBER_AUGMENTATIONS.map((name) => [`data.${name}`, [`data.${name}(0.5)`]])),
  'data.rotation': ['data.rotation(10)'],
  'data.cutOut': ['data.cutOut(2)'],
  'data.crop': ["data.crop(1, { fill: 'edge' })"],
  'data.shift': ["data.shift(1, { fill: 'edge' })", "data.shift([1, 2], { fill: 'edge' })"],
  'data.resizedCrop': ['data.resizedCrop({ scale: [0.5, 1], ratio: [0.75, 1.25] })'],
  'data.compose': ['data.compose([augmentation])'],
  'data.augmentRows': ['data.augmentRows(dataset, [0, 1], augmentation, generator)'],
  'Augmentation()': [
    'augmentation(pixels, [1, 4, 4], generator)',
    ...[
      'brightness',
      'contrast',
      'featureDropout',
      'horizontalFlip',
      'verticalFlip',
      'rotation',
      'cutOut',
      'crop',
      'shift',
    ].map((name) => `data.${name}(1)(pixels, [1, 4, 4], generator)`),
    'data.resizedCrop()(pixels, [1, 4, 4], generator)',
    'data.compose([augmentation])(pixels, [1, 4, 4], generator)',
  ],
};

const READ: Calls = {
  'data.loadIdx': [`data.loadIdx(idx, { labels: idxLabels, ${ARRAY} })`],
  'data.loadNpy': [`data.loadNpy(npy, { labels: npyLabels, ${ARRAY} })`],
  'data.parseIdx': [`data.parseIdx(idx, { ${ARRAY} }, 'name', { bytes: idxLabels, name: 'labels' })`],
  'data.parseNpy': [`data.parseNpy(npy, { ${ARRAY} }, 'name', { bytes: npyLabels, name: 'labels' })`],
  'data.loadImageFolder': [`data.loadImageFolder('pictures', { classes: ['one', 'two'], ${IMAGE} })`],
  'data.imagesFromFiles': [
    `data.imagesFromFiles(images, { labels: ['one', 'two'], classes: ['one', 'two'], ${IMAGE} })`,
    'data.imagesFromFiles([png])',
  ],
  'data.parseImage': [`data.parseImage(png, { ${IMAGE} }, 'name')`],
  'data.loadDataset': [
    `data.loadDataset('table.csv', { ${TABLE} })`,
    `data.loadDataset('array.npy', { labels: npyLabels, ${ARRAY} })`,
    `data.loadDataset('picture.png', { ${IMAGE} })`,
  ],
  'data.loadTable': [`data.loadTable(tableBytes, { ${TABLE} })`],
  'data.parseTable': [
    `data.parseTable(table, { ${TABLE} }, 'name')`,
    'data.parseTable(table, { label: null, drop: [3] })',
  ],
};

const SETS: Calls = {
  'data.datasetOf': [
    "data.datasetOf([[1, 2], [3, 4]], ['a', 'b'], { shape: [2], classes: ['a', 'b'], featureNames: ['p', 'q'], sampleNames: ['r', 's'], groups: [0, 1] })",
  ],
  'data.gatherRows': ['data.gatherRows(dataset, [0, 1])'],
  'data.rowShape': ['data.rowShape(dataset)'],
  'data.subset': ['data.subset(dataset, [0, 1])'],
  'data.irisImages': ['data.irisImages({ subjects: 2, imagesPerSubject: 2, firstSubject: 1, seed: 3 })'],
  'data.irisTextures': ['data.irisTextures({ subjects: 2, imagesPerSubject: 2, firstSubject: 1, seed: 3 })'],
  'data.addNoise': ['data.addNoise(pixels, 0.1, generator)'],
  'data.balancedPairs': ['data.balancedPairs(ids, { count: 4, generator })'],
  'data.classBatch': ['data.classBatch(ids, { classes: 2, perClass: 2, generator })'],
  'data.EpochSampler': ['new data.EpochSampler(10, { batch: 4, generator, dropLast: true })'],
  'data.EpochSampler#next': ['sampler.next()'],
  'data.EpochSampler#state=': ['sampler.state = sampler.state'],
  'data.tripletRows': ['data.tripletRows(ids, { count: 4, generator })'],
  'data.splitDataset': [
    "data.splitDataset(dataset, { train: 0.5, validation: 0.25, test: 0.25, by: 'row', generator })",
  ],
  'data.splitRows': ["data.splitRows(dataset, { train: 0.5, validation: 0.25, test: 0.25, by: 'row', generator })"],
  'data.fitStandardisation': ["data.fitStandardisation(dataset, { per: 'feature' })"],
  'data.standardise': ['data.standardise(dataset, scaling, { inPlace: true })'],
  'data.verificationPairs': ['data.verificationPairs(ids, { genuine: 2, impostors: 2, generator })'],
};

const RUN =
  "{ format: 'contragrad-run', version: 1, input: { shape: [3], features: ['a', 'b', 'c'], mean: [0], scale: [1] }, architecture: [], classes: ['a'], metric: 'cosine', settings: { a: 1 } }";

const FILES: Calls = {
  'io.loadCheckpoint': [
    "io.loadCheckpoint('checkpoint', { model: layer, optimizer: adam, schedule, generators: { data: generator } }, { maxBytes: 100000 })",
  ],
  'io.saveCheckpoint': [
    "io.saveCheckpoint('saved', { model: layer, optimizer: adam, schedule, generators: { data: generator }, position: 3, extra: { a: 1 } })",
  ],
  'io.Encoder#embed': ['ready.embed([[1, 2, 3]])', "ready.embed(tensor([[1, 2, 3]]), { features: ['a', 'b', 'c'] })"],
  'io.loadEncoder': ["io.loadEncoder('run', { device: cpu, maxBytes: 100000 })"],
  'io.writeFileAtomically': ["io.writeFileAtomically('text', 'hello')", "io.writeFileAtomically('bytes', png)"],
  'io.parseRunConfig': ["io.parseRunConfig(JSON.stringify(config), 'name')"],
  'io.serializeRunConfig': ['io.serializeRunConfig(config)', `io.serializeRunConfig(${RUN})`],
  'io.parseSafetensors': ["io.parseSafetensors(tensorsFile, 'name')"],
  'io.readSafetensors': ['io.readSafetensors(tensorsFile, { maxBytes: 10000 })', "io.readSafetensors('weights')"],
  'io.serializeSafetensors': ["io.serializeSafetensors({ weight: x }, { note: 'text' })"],
  'io.writeSafetensors': ["io.writeSafetensors('written', { weight: x }, { note: 'text' })"],
};

const CONTRASTIVE =
  "labelMeans: 'same', reduction: 'mean', margin: 1, half: true, squareTerms: true, distance: 'euclidean', normalize: false, eps: 1e-6, floor: 0";

const SHOWN: Calls = {
  'explain.attribution': [
    `explain.attribution(contrastiveLoss, [q, k, pairLabels], { ${CONTRASTIVE} })`,
    "explain.attribution(infoNCELoss, [q, k], { temperature: 0.5, negatives: n, normalize: true, reduction: 'mean' })",
    'explain.attribution(infoNCELoss, [q, k], { symmetric: true })',
  ],
  'explain.diagnose': [
    `explain.diagnose(contrastiveLoss, [q, k, pairLabels], { ${CONTRASTIVE} })`,
    "explain.diagnose(supConLoss, [q, classLabels], { temperature: 0.5, baseTemperature: 0.5, normalize: true, denominator: 'allPositives', onEmpty: 'zero' })",
  ],
  'explain.toDot': ["explain.toDot(traced, { fold: ['layer'] })"],
  'explain.toMarkdown': ['explain.toMarkdown(traced)'],
  'explain.toSvg': ["explain.toSvg(traced, { title: 'a graph', fold: 'all' })"],
  'explain.texToText': ["explain.texToText('x^2')"],
  'explain.renderText': ['explain.renderText(traced, { width: 80, color: false })'],
  'explain.textParts': ['explain.textParts(traced, { width: 80, color: false })'],
  'explain.trace': ['explain.trace(() => leaf.square().sum(), { names: { leaf }, lines: true, maxElements: 4 })'],
};

/** Properties that are checked in {@link testing.opProperties}. */
const PROPERTIES = ['value', 'gradient', 'pullBack', 'aliasing', 'float32'];

const TESTED: Calls = {
  'testing.aliased': ['testing.aliased(arbitrary)'],
  'testing.anyTensor': ['testing.anyTensor([0, 1])'],
  'testing.broadcastableShapes': ['testing.broadcastableShapes({ maxRank: 2, maxSide: 3 })'],
  'testing.broadcastableTensors': ['testing.broadcastableTensors([0, 1], [1, 2])'],
  'testing.labels': ['testing.labels(4, 2)'],
  'testing.shapes': ['testing.shapes({ maxRank: 2, maxSide: 3 })'],
  'testing.values': ['testing.values([2, 2], [0, 1])'],
  'testing.checkOp': [
    "testing.checkOp((a) => add(a, 0), inputs, { reference: (a) => a, differentiable: true, numRuns: 1, seed: 3, name: 'square' })",
  ],
  ...Object.fromEntries(
    PROPERTIES.map((name) => [
      `testing.opProperties.${name}`,
      [
        `testing.opProperties.${name}((a) => add(a, 0), [leaf.cast('float64')], { reference: (a) => a, differentiable: true, numRuns: 1, seed: 3, name: 'square' })`,
      ],
    ]),
  ),
  'testing.furthest': ["testing.furthest([1, 2], [1, 2.5], 'element')", 'testing.furthest(x, y)'],
  'testing.toBeAllclose': ['testing.toBeAllclose([1, 2], x, { rtol: 0.1, atol: 0.1 })'],
  gpu: ["gpu({ mode: 'cpu', strict: false })"],
};

/** Calls by name. */
export const DATA_CALLS: Calls = { ...AUGMENT, ...READ, ...SETS, ...FILES, ...SHOWN, ...TESTED };
