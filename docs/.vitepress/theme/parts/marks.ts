/** @file The mark of a sample: a shape and a colour, so that no two of 64 look alike. Knows no engine: the trainer draws by it, too. */

/** A place as paths write it. */
export const fixed = (x: number, y: number): string => `${x.toFixed(2)} ${y.toFixed(2)}`;

/** A polygon around the origin; with an inner radius, a star. */
function polygon(corners: number, radius: number, turn = 0, inner?: number): string {
  const count = inner === undefined ? corners : 2 * corners;
  const ends = Array.from({ length: count }, (_, i) => {
    const angle = (i / count + turn) * 2 * Math.PI - Math.PI / 2;
    const away = inner !== undefined && i % 2 === 1 ? inner : radius;
    return fixed(away * Math.cos(angle), away * Math.sin(angle));
  });
  return `M${ends.join('L')}Z`;
}

const MARKS = [
  polygon(24, 7),
  polygon(4, 9, 1 / 8),
  polygon(3, 9.5),
  polygon(4, 9),
  polygon(3, 9.5, 1 / 2),
  polygon(5, 10, 0, 4),
  polygon(6, 8),
  polygon(4, 10, 1 / 8, 4),
];

/** The mark of a sample, as an SVG path, and which of eight colours it has: 64 samples differ in one of them. */
export function markOf(sample: number): { readonly path: string; readonly colour: number } {
  return { path: MARKS[sample % 8]!, colour: (sample + (sample >> 3)) % 8 };
}
