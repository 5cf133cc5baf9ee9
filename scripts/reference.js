/**
 * @file Part of the reference's build: gives each method of Tensor the text of the function of the same name, options
 * their name, and all that a function throws one heading.
 */
import { Comment, Converter, QueryType, ReferenceType, ReflectionKind } from 'typedoc';

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const functions = new Map(
      project.getReflectionsByKind(ReflectionKind.Function).map((reflection) => [reflection.name, reflection]),
    );
    const method = project.getReflectionsByKind(ReflectionKind.TypeAlias).find(({ name }) => name === 'Method');
    for (const member of project.getReflectionsByKind(ReflectionKind.Property)) {
      if (!member.parent?.kindOf(ReflectionKind.Class) || member.comment) continue;
      const of = functions.get(member.name);
      const summary = of?.signatures?.[0]?.comment?.summary;
      if (!summary) continue;
      member.comment = new Comment(Comment.cloneDisplayParts(summary));
      // As the source has it, with a link to the function, in place of what the compiler makes of it.
      const reference = ReferenceType.createResolvedReference('Method', method, project);
      reference.typeArguments = [new QueryType(ReferenceType.createResolvedReference(of.name, of, project))];
      member.type = reference;
    }
    // Options are taken apart where they come in, and have no name there.
    for (const parameter of project.getReflectionsByKind(ReflectionKind.Parameter)) {
      if (parameter.name === '__namedParameters') parameter.name = 'options';
    }
    for (const { comment } of project.getReflectionsByKind(ReflectionKind.SomeSignature)) {
      const [first, ...others] = comment?.getTags('@throws') ?? [];
      if (others.length === 0) continue;
      for (const { content } of others) first.content.push({ kind: 'text', text: '\n\n' }, ...content);
      comment.blockTags = comment.blockTags.filter((tag) => !others.includes(tag));
    }
  });
}
