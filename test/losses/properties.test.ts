/** @file The losses' rows of the table of cases. */
import { checkRows } from '../ops/check-rows.js';
import { lossCases } from '../ops/loss-cases.js';

checkRows(lossCases);
