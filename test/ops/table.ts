/** @file The table of cases: one row or more for every operation and loss. */
import type { Case } from './cases.js';
import { elementwiseCases } from './elementwise-cases.js';
import { layerCases } from './layer-cases.js';
import { layoutCases } from './layout-cases.js';
import { lossCases } from './loss-cases.js';
import { matrixCases } from './matrix-cases.js';
import { reduceCases } from './reduce-cases.js';

/** The table. */
export const table: readonly Case[] = [
  ...elementwiseCases,
  ...reduceCases,
  ...layoutCases,
  ...matrixCases,
  ...layerCases,
  ...lossCases,
];

/** A row's name. */
export const titleOf = ({ covers, variant }: Case): string => (variant ? `${covers} (${variant})` : covers);
