/** @file Builds dist/ once before the tests: those of the command and of the package run what users run. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { BUILT } from './site.js';

export default function build(): void {
  execFileSync('npm', ['run', 'build', '--silent'], { stdio: 'inherit' });
  // The first test that looks at the site builds it anew.
  rmSync(BUILT, { recursive: true, force: true });
}
