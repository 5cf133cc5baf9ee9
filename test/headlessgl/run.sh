#!/usr/bin/env bash
# Compiles `gl` (about 3 minutes, once) and runs the GPU tests on it, on a display in memory. On Debian this needs
# libxi-dev libxext-dev libx11-dev libgl1-mesa-dev mesa-common-dev libgl1-mesa-dri xvfb xauth pkg-config.
set -euo pipefail
cd "$(dirname "$0")"
npm ci
cd ../..
xvfb-run -a -s '-ac -screen 0 1280x1024x24' npx vitest run --config test/headlessgl/vitest.config.ts
