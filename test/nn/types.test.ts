/** @file What the types of modules let a program say, and what they refuse, under `strict`. */
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const IMPORTS = "import { nn, optim, tensor, type Tensor } from '../../src/index.js';";

const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile) as { config: object };
const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, '.');
const host = ts.createCompilerHost(options);
const read = host.getSourceFile;
let before: ts.Program | undefined;

/** What the compiler says of a program. */
function complaints(code: string): string[] {
  const path = join(process.cwd(), 'test/nn/stranger.ts');
  host.getSourceFile = (name, ...rest) =>
    name === path
      ? ts.createSourceFile(path, `${IMPORTS}\n${code}`, ts.ScriptTarget.ES2022)
      : (before?.getSourceFile(name) ?? read(name, ...rest));
  host.fileExists = (name) => name === path || ts.sys.fileExists(name);
  before = ts.createProgram({ rootNames: [path], options: { ...options, noUnusedLocals: false }, host });
  return ts
    .getPreEmitDiagnostics(before, before.getSourceFile(path))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

const TOWERS = `
  class Towers extends nn.Module {
    readonly image = new nn.Linear(8, 2);
    readonly text = new nn.Linear(4, 2);
    override forward(image: Tensor, text: Tensor): [Tensor, Tensor] {
      return [this.image.forward(image), this.text.forward(text)];
    }
  }
  class Ids extends nn.Module {
    readonly table = tensor([[1, 2], [3, 4]], { requiresGrad: true });
    forward(ids: readonly number[], { scale = 1 }: { scale?: number } = {}): Tensor {
      return this.table.gather(tensor(ids.map((id) => [id, id]), { dtype: 'int32' }), { axis: 0 }).mul(scale);
    }
  }
  class Stages extends nn.Module {
    readonly stages = new nn.ModuleList([new nn.Linear(4, 4), new nn.Linear(4, 2)]);
    async forward(x: Tensor): Promise<{ last: Tensor; all: Tensor[] }> {
      const all: Tensor[] = [];
      for (const stage of this.stages) all.push(stage.forward(all.at(-1) ?? x));
      return { last: all.at(-1)!, all };
    }
  }`;

test.each<[string, string]>([
  ['two towers, ids and objects', TOWERS],
  [
    'each is a module for whoever asks for one',
    `${TOWERS}
    const modules: nn.Module[] = [new Towers(), new Ids(), new Stages(), new nn.Linear(1, 1)];
    const count = (module: nn.Module): number => module.parameters().length;
    new optim.Adam([...modules.flatMap((module) => module.parameters())]);
    count(new Towers());`,
  ],
  [
    'a module of unknown class takes a tensor and returns one, or what is said',
    `const f = (module: nn.Module, x: Tensor): Tensor => module.forward(x).square().sum();
    const g = (module: nn.Module, x: Tensor): number => module.forward<[Tensor, Tensor]>(x, x).length;`,
  ],
  [
    'layers stand in a row, also those of a user, and modules of unknown class',
    `class Double extends nn.Module { override forward(x: Tensor) { return x.mul(2); } }
    const layer: nn.Layer = new Double();
    const unknown: nn.Module[] = [layer];
    new nn.Residual(new nn.Sequential(layer, new nn.ReLU(), new Double()), { projection: new Double() });
    new nn.Sequential(...unknown).append(layer).at(-1)!.forward(tensor([1])).sum();`,
  ],
  [
    'a list knows the class of its modules',
    `${TOWERS}
    const [image] = new nn.ModuleList([new Towers()]).at(0)!.forward(tensor([1]), tensor([1]));
    for (const towers of new nn.ModuleList([new Towers()])) towers.image.weight.square();`,
  ],
  [
    'weights can be tied, and are tensors',
    `const [a, b] = [new nn.Linear(2, 2), new nn.Linear(2, 2)];
    b.weight = a.weight;
    b.bias = null;
    const parameters: nn.Parameter[] = a.parameters();`,
  ],
])('%s', (_, code) => {
  expect(complaints(code)).toEqual([]);
});

test.each<[string, string, RegExp]>([
  ['a wrong argument', `${TOWERS} new Towers().forward(tensor([1]));`, /Expected 2 arguments, but got 1/],
  ['a wrong result', `${TOWERS} new Towers().forward(tensor([1]), tensor([1])).sum();`, /'sum' does not exist/],
  ['two towers in a row', `${TOWERS} new nn.Sequential(new Towers());`, /'Towers' is not assignable/],
  ['ids in a row', `${TOWERS} new nn.Residual(new Ids());`, /'Ids' is not assignable/],
  ['a call of a list', 'new nn.ModuleList([]).forward(tensor([1]));', /Expected 0 arguments, but got 1/],
  ['a module without forward', 'class Empty extends nn.Module {}', /does not implement inherited abstract member/],
])('%s is refused', (_, code, message) => {
  const found = complaints(code);
  expect(found.join('\n')).toMatch(message);
  expect(found).toHaveLength(1);
});
