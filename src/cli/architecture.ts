/** @file The layers of an encoder, by flags or from a file. */
import { ArgumentError, ContragradError, DataError, Generator, nn, noGrad, zeros } from '../index.js';
import { readSource } from '../source.js';
import type { Settings } from './settings.js';

/**
 * The layers that the settings ask for.
 *
 * @param shape - Of one row.
 * @throws `DataError` when the file holds no list of layers that fits the rows, `ArgumentError` when convolutions are asked for
 *   rows that are no pictures.
 */
export async function architectureOf(settings: Settings, shape: readonly number[]): Promise<readonly nn.LayerConfig[]> {
  const { model } = settings;
  if (model === undefined) return fromFlags(settings, shape);
  const layers = await fromFile(model);
  try {
    const row = outputOf(layers, shape);
    if (row.length !== 1)
      throw new DataError(model, `must end in one list of numbers, got [${row.join(', ')}]`, 'add Flatten');
  } catch (error) {
    if (error instanceof ContragradError && error.op !== model) throw new DataError(model, error.message);
    throw error;
  }
  return layers;
}

/** The shape that a row comes out in. */
export function outputOf(layers: readonly nn.LayerConfig[], shape: readonly number[]): readonly number[] {
  const encoder = nn.fromConfig(layers, { input: shape, generator: new Generator(0) }).eval();
  return noGrad(() => encoder.forward(zeros([1, ...shape]))).shape.slice(1);
}

/** In one line: `64-32-2`, or the kinds of layers. */
export function describeLayers(layers: readonly nn.LayerConfig[], shape: readonly number[]): string {
  const isPlain = layers.every(({ type }) => type === 'Linear' || type === 'ReLU' || type === 'Flatten');
  if (!isPlain) return `${shape.join('x')} ${layers.map(({ type }) => type).join(' ')}`;
  const size = shape.reduce((product, length) => product * length, 1);
  return [size, ...layers.flatMap((layer) => (layer.type === 'Linear' ? [layer.outFeatures] : []))].join('-');
}

function fromFlags({ hidden, conv, dim }: Settings, shape: readonly number[]): readonly nn.LayerConfig[] {
  const layers: nn.LayerConfig[] = [];
  if (conv !== undefined) {
    if (shape.length !== 3) {
      throw new ArgumentError(
        '--conv',
        `needs pictures, got rows of shape [${shape.join(', ')}]`,
        'add --image 1x28x28, for example',
      );
    }
    let [, height, width] = shape as [number, number, number];
    for (const outChannels of conv) {
      layers.push(
        { type: 'Conv2d', outChannels, kernelSize: 3, padding: 1 },
        { type: 'BatchNorm2d' },
        { type: 'ReLU' },
      );
      if (Math.min(height, width) >= 4) {
        layers.push({ type: 'MaxPool2d', kernelSize: 2 });
        [height, width] = [height >> 1, width >> 1];
      }
    }
  }
  if (shape.length > 1) layers.push({ type: 'Flatten' });
  for (const outFeatures of hidden) layers.push({ type: 'Linear', outFeatures }, { type: 'ReLU' });
  return [...layers, { type: 'Linear', outFeatures: dim }];
}

async function fromFile(path: string): Promise<readonly nn.LayerConfig[]> {
  const bytes = await readSource(path, { maxBytes: 2 ** 20 });
  let layers: unknown;
  try {
    layers = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new DataError(path, `is not JSON (${(error as Error).message})`);
  }
  if (!Array.isArray(layers)) {
    throw new DataError(path, 'must be a list of layers', 'for example [{ "type": "Linear", "outFeatures": 16 }]');
  }
  return layers as readonly nn.LayerConfig[];
}
