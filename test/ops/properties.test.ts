/** @file The operations' and layers' rows of the table of cases. */
import { checkRows } from './check-rows.js';
import { lossCases } from './loss-cases.js';
import { table } from './table.js';

checkRows(table.filter((row) => !lossCases.includes(row)));
