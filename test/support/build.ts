/** @file Builds dist/ once before the tests: those of the command and of the package run what users run. */
import { execFileSync } from 'node:child_process';

export default function build(): void {
  execFileSync('npm', ['run', 'build', '--silent'], { stdio: 'inherit' });
}
