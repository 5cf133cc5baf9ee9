/** @file Part of the reference's build: gives each method of Tensor the text of the function of the same name. */
import { Comment, Converter, ReflectionKind } from 'typedoc';

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const functions = new Map(
      project.getReflectionsByKind(ReflectionKind.Function).map((reflection) => [reflection.name, reflection]),
    );
    for (const member of project.getReflectionsByKind(ReflectionKind.Property)) {
      if (!member.parent?.kindOf(ReflectionKind.Class) || member.comment) continue;
      const summary = functions.get(member.name)?.signatures?.[0]?.comment?.summary;
      if (summary) member.comment = new Comment(Comment.cloneDisplayParts(summary));
    }
  });
}
