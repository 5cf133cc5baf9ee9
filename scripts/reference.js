/**
 * @file Part of the reference's build: gives each operation of Tensor the text of the function of the same name and a
 * place in a table of operations, options their name, all that a function throws one heading, and namespaces a row in
 * the index; leaves out what only Optimizer's and Schedule's own pages need.
 */
import { Comment, Converter, PageEvent, ReferenceType, ReflectionKind } from 'typedoc';

/** The row of an operation among Tensor's properties: its type is the function that it is. */
const OPERATION =
  /^\| (<a id="[^"]+"><\/a>) (`[^`]+`) \| (\[\2\]\([^)]+\/functions\/[^)]+\)) \|(?: `undefined` \|)? (.*)\n/gm;

const OPERATIONS = `## Operations

Each is the function of the same name, with the tensor as its first argument: \`x.sum(options)\` is \`sum(x, options)\`.

| Operation | Description |
| ------ | ------ |
`;

/** The operations have a table of their own, and only a name and a text in it. */
function withOperations(contents) {
  const rows = [...contents.matchAll(OPERATION)].map(([, anchor, , link, text]) => `| ${anchor} ${link} | ${text}\n`);
  if (rows.length === 0) return contents;
  const rest = contents.replace(OPERATION, '');
  const place = rest.indexOf('\n## ', rest.indexOf('\n## Properties') + 1);
  return `${rest.slice(0, place)}\n${OPERATIONS}${rows.join('')}${rest.slice(place)}`;
}

/** In a row of a table: short code stays in one line, and a long name breaks where its parts meet. */
function withBreaks(row) {
  const broken = (name) => name.replace(/(?<=\.)|(?<=[a-z])(?=[A-Z])/g, '<wbr>');
  return row
    .replace(/`([\w.']{16,})`/g, (_, name) => `<code>${broken(name)}</code>`)
    .replace(/(?<=\[)([\w.]{16,})(?=\]\()/g, broken)
    .replace(/`[^`|]{1,24}`/g, (code) => code.replaceAll(' ', '\u00a0'));
}

/** What a comment begins with. */
const textOf = ({ comment }) =>
  Comment.combineDisplayParts(comment?.summary ?? [])
    .split('\n\n')[0]
    .replaceAll('\n', ' ');

/** Namespaces follow the entry that they are part of. */
function withNamespaces(contents, namespaces) {
  const rows = namespaces.map(
    (space) => `\n| [contragrad: ${space.name}](contragrad/namespaces/${space.name}/index.md) | ${textOf(space)} |`,
  );
  return contents.replace(/^\| \[contragrad\]\(.*$/m, (row) => row + rows.join(''));
}

/** Options without a text are what their interface holds; the text of a single option stands beside it. */
function describe(parameter) {
  const { reflection: contract, declaration } = parameter.type ?? {};
  const [option, ...others] = declaration?.children ?? [];
  if (option && !option.comment && others.length === 0) {
    option.comment = parameter.comment;
    delete parameter.comment;
  }
  if (parameter.comment || !contract?.children) return;
  const names = contract.children.map(({ name }) => `\`${name}\``);
  parameter.comment = new Comment([{ kind: 'text', text: `${names.join(', ')}.` }]);
}

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const functions = new Map();
    for (const reflection of project.getReflectionsByKind(ReflectionKind.Function)) {
      functions.set(reflection.name, reflection);
      // The text is the signature's; a file's first line is none.
      if (reflection.comment?.summary.length === 0) delete reflection.comment;
    }
    for (const member of project.getReflectionsByKind(ReflectionKind.Property)) {
      // An error's stack is not the operation of that name.
      if (member.comment || member.parent?.getChildByName('matmul') === undefined) continue;
      const of = functions.get(member.name);
      const summary = of?.signatures?.[0]?.comment?.summary;
      if (!summary) continue;
      member.comment = new Comment(Comment.cloneDisplayParts(summary));
      member.type = ReferenceType.createResolvedReference(of.name, of, project);
    }
    // What a subclass needs stands on its base's page.
    for (const member of project.getReflectionsByKind(ReflectionKind.ClassMember)) {
      if (member.flags.isProtected && (member.inheritedFrom || member.overwrites)) project.removeReflection(member);
    }
    for (const parameter of project.getReflectionsByKind(ReflectionKind.Parameter)) {
      // Options are taken apart where they come in, and have no name there.
      if (parameter.name === '__namedParameters') parameter.name = 'options';
      if (parameter.name === 'options') describe(parameter);
    }
    for (const { comment } of project.getReflectionsByKind(ReflectionKind.SomeSignature)) {
      const [first, ...others] = comment?.getTags('@throws') ?? [];
      if (others.length === 0) continue;
      for (const { content } of others) first.content.push({ kind: 'text', text: '\n\n' }, ...content);
      comment.blockTags = comment.blockTags.filter((tag) => !others.includes(tag));
    }
  });
  app.renderer.on(PageEvent.END, (page) => {
    let contents = withOperations(page.contents ?? '');
    if (page.url === 'index.md') {
      contents = withNamespaces(contents, page.project.getReflectionsByKind(ReflectionKind.Namespace));
    }
    // A cell says nothing where there is nothing to say: no default, no text.
    page.contents = contents
      .replaceAll('| `undefined` |', '|  |')
      .replace(/\| - \|$/gm, '|  |')
      .replace(/^\| .*$/gm, withBreaks);
  });
}
