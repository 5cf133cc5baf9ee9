/** @file The library by its name, as the grader imports it, for tests that the type checker reads without a build. */
export * as contragrad from 'contragrad';
