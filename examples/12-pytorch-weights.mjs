/**
 * @file Weights that PyTorch made: a safetensors file, read into the same layers under the same names, and back.
 *
 * The weights are those of `torch.nn.Sequential(Linear(3, 4), ReLU(), Linear(4, 2))`, as `safetensors.torch.save_file(model.state_dict(), path)`
 * writes them; PyTorch 1.13 maps the two rows below to EXPECTED. Run it with `node examples/12-pytorch-weights.mjs`.
 */
import { nn, tensor } from 'contragrad';
import { parseSafetensors, serializeSafetensors } from 'contragrad/io';

const WEIGHTS = {
  '0.weight': [-0.0043, 0.3097, -0.4752, -0.4249, -0.2224, 0.1548, -0.0114, 0.4578, -0.0512, 0.1528, -0.1745, -0.1135],
  '0.bias': [-0.5516, -0.3824, -0.238, 0.0214],
  '2.weight': [0.1977, 0.3, -0.339, -0.2177, 0.1816, 0.4152, -0.1029, 0.3742],
  '2.bias': [-0.0806, 0.0529],
};
const SHAPES = { '0.weight': [4, 3], '0.bias': [4], '2.weight': [2, 4], '2.bias': [2] };
const ROWS = [
  [1, 2, 3],
  [-1, 0, 1],
];
const EXPECTED = [
  [-0.25437140464782715, 0.00015345588326464],
  [-0.021410003304481506, 0.13481895625591278],
];

// The format by hand: the length of the header, the header in JSON, the numbers.
const header = {};
const numbers = [];
for (const [name, values] of Object.entries(WEIGHTS)) {
  const start = 4 * numbers.length;
  numbers.push(...values);
  header[name] = { dtype: 'F32', shape: SHAPES[name], data_offsets: [start, 4 * numbers.length] };
}
const json = Buffer.from(JSON.stringify(header));
const length = Buffer.alloc(8);
length.writeBigUInt64LE(BigInt(json.length));
const file = Buffer.concat([length, json, Buffer.from(Float32Array.from(numbers).buffer)]);

const { tensors } = parseSafetensors(file, 'model.safetensors');
for (const [name, value] of Object.entries(tensors)) console.log(`${name.padEnd(9)} [${value.shape}] ${value.dtype}`);

const encoder = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2));
encoder.loadStateDict(tensors);
const embedded = encoder.forward(tensor(ROWS)).toArray();
console.log('\nhere    ', embedded.map((row) => row.map((v) => v.toFixed(6)).join(' ')).join(' | '));
console.log('PyTorch ', EXPECTED.map((row) => row.map((v) => v.toFixed(6)).join(' ')).join(' | '));
const apart = Math.max(...embedded.flat().map((v, i) => Math.abs(v - EXPECTED.flat()[i])));
console.log(`the same to 1e-6: ${apart < 1e-6}\n`);

// The way back: bytes that PyTorch's load_file reads.
const bytes = serializeSafetensors(encoder.stateDict());
console.log(`back in ${bytes.length} bytes: ${Object.keys(parseSafetensors(bytes).tensors).join(', ')}`);

// Names or shapes that do not fit are an error, and nothing is changed.
try {
  new nn.Sequential(new nn.Linear(3, 5), new nn.ReLU(), new nn.Linear(5, 2)).loadStateDict(tensors);
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
}
