/** @file Whether a text is well-formed XML 1.0: of elements, attributes and text, which is all that pictures consist of. */

/** What XML 1.0 calls a character (section 2.2). */
const CHARACTERS = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;
const REFERENCE = '&(?:amp|lt|gt|quot|apos|#\\d+|#x[\\da-fA-F]+);';
const NAME = '[A-Za-z_][\\w.-]*';
const TEXT = new RegExp(`^(?:[^<&]|${REFERENCE})*$`, 'u');
const TAG = new RegExp(
  `^<(?:/(${NAME})\\s*|(${NAME})((?:\\s+${NAME}\\s*=\\s*"(?:[^<&"]|${REFERENCE})*")*)\\s*(/?))>$`,
  'u',
);

/** Whether a text is one well-formed element. Comments, CDATA and declarations count as none. */
export function wellFormed(xml: string): boolean {
  if (!CHARACTERS.test(xml)) return false;
  const open: string[] = [];
  let roots = 0;
  for (const token of xml.trim().match(/<[^>]*>|[^<]+|</g) ?? []) {
    if (!token.startsWith('<')) {
      if (open.length === 0 || !TEXT.test(token) || token.includes(']]>') || !referencesHold(token)) return false;
      continue;
    }
    const [, closed, opened, attributes = '', alone] = TAG.exec(token) ?? [];
    if (closed === undefined && opened === undefined) return false;
    if (closed !== undefined && open.pop() !== closed) return false;
    if (opened === undefined) continue;
    const names = [...attributes.matchAll(/([\w.-]+)\s*=\s*"/g)].map(([, name]) => name);
    if (new Set(names).size < names.length || !referencesHold(attributes)) return false;
    if (open.length === 0) roots++;
    if (alone === '') open.push(opened);
  }
  return open.length === 0 && roots === 1;
}

/** Whether every number stands for a character. */
const referencesHold = (text: string): boolean =>
  [...text.matchAll(/&#(x?)([\da-fA-F]+);/g)].every(([, hex, digits]) => {
    const code = Number.parseInt(digits!, hex === '' ? 10 : 16);
    return code <= 0x10ffff && CHARACTERS.test(String.fromCodePoint(code));
  });
