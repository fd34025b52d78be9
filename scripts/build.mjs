// Builds the checkout: TypeScript projects, then the dashboard. What is up to date is left alone, so that it can run
// before every start. `--quiet` says nothing unless something is built.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const quiet = process.argv.includes('--quiet');

function run(what, script, args, env = {}) {
	const result = spawnSync(process.execPath, [script, ...args], {
		cwd: root,
		stdio: ['ignore', 'pipe', 'pipe'],
		encoding: 'utf8',
		env: { ...process.env, ...env },
	});
	if (result.status === 0) return;
	process.stderr.write(`${result.stdout}${result.stderr}`);
	console.error(`The build failed in: ${what}.`);
	process.exit(1);
}

async function filesBelow(folder) {
	const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true });
	return entries
		.filter((entry) => entry.isFile())
		.map((entry) => path.join(entry.parentPath, entry.name))
		.filter((file) => !/[/\\](node_modules|\.next)[/\\]|\.tsbuildinfo$|\.test\.tsx?$/.test(file))
		.sort();
}

/** A digest of all that the dashboard's build reads; the build is skipped where the last one had the same. */
async function dashboardInputs() {
	const digest = createHash('sha256').update(process.version);
	const folders = ['apps/dashboard', 'packages/domain/dist', 'packages/client/dist'];
	const files = [...(await Promise.all(folders.map(filesBelow))).flat(), path.join(root, 'package-lock.json')];
	for (const file of files) {
		if (path.basename(file) === 'next-env.d.ts') continue;
		digest.update(path.relative(root, file)).update(await readFile(file));
	}
	return digest.digest('hex');
}

async function buildDashboard() {
	const next = path.join(root, 'apps/dashboard/.next');
	const stampFile = path.join(next, 'graft-build.txt');
	const inputs = await dashboardInputs();
	if ((await readFile(stampFile, 'utf8').catch(() => '')) === inputs) return;
	if (!quiet) console.error('Building the dashboard …');
	const began = Date.now();
	await rm(stampFile, { force: true });
	run('the dashboard', require.resolve('next/dist/bin/next'), ['build', 'apps/dashboard'], {
		NEXT_TELEMETRY_DISABLED: '1',
	});
	// A standalone server serves static files only from beside itself.
	const beside = path.join(next, 'standalone/apps/dashboard');
	await mkdir(path.join(beside, '.next'), { recursive: true });
	await cp(path.join(next, 'static'), path.join(beside, '.next/static'), { recursive: true });
	await cp(path.join(root, 'apps/dashboard/public'), path.join(beside, 'public'), { recursive: true }).catch(
		(error) => {
			if (error.code !== 'ENOENT') throw error;
		},
	);
	await writeFile(stampFile, inputs);
	if (!quiet) console.error(`Built the dashboard in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
}

// Its exports name no program, so the way leads through its package.json.
run('TypeScript', path.join(path.dirname(require.resolve('typescript/package.json')), 'bin/tsc'), ['-b']);
await buildDashboard();
