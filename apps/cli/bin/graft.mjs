#!/usr/bin/env node
// Works right after `npm ci`: what is not built yet is built first.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
const main = path.join(root, 'apps/cli/dist/main.js');
const programs = [
	main,
	path.join(root, 'apps/api/dist/main.js'),
	path.join(root, 'apps/trainer/dist/main.js'),
	path.join(root, 'apps/dashboard/.next/standalone/apps/dashboard/server.js'),
];

if (!programs.every((program) => existsSync(program))) {
	process.stderr.write('Graft is not built yet: building it once, which takes about a minute …\n');
	// The build's words go to stderr, so that stdout stays the command's own.
	const { status } = spawnSync(process.execPath, [path.join(root, 'scripts/build.mjs')], { stdio: ['ignore', 2, 2] });
	if (status !== 0) process.exit(1);
}
await import(main);
