// `npm test`: builds, checks format, lint, fences, types and generated code, then runs every test, the browser's included.
// The last line is the plain count. Arguments go to vitest: `npm test -- --project unit strategy`.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { HOW_TO_GET_CHROMIUM, provideChromium } from './chromium.mjs';
import { HOW_TO_GET_REDIS, provideRedis } from './redis.mjs';

const root = path.resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const packageFile = (name, file) => path.join(path.dirname(require.resolve(`${name}/package.json`)), file);
const run = (script, args, env = {}) =>
	spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
		.status ?? 1;

const checks = [
	['Build', path.join(root, 'scripts/build.mjs'), []],
	['Format, lint, fences', packageFile('@biomejs/biome', 'bin/biome'), ['ci', '--error-on-warnings', '.']],
	['Generated documents', path.join(root, 'scripts/codegen.mjs'), ['--check']],
];
let failedChecks = 0;
for (const [name, script, args] of checks) {
	if (run(script, args) === 0) continue;
	failedChecks += 1;
	console.error(`FAILED: ${name}`);
}

const chromium = provideChromium();
if (chromium === null) console.error(HOW_TO_GET_CHROMIUM);
const redis = provideRedis();
if (redis === null) console.error(HOW_TO_GET_REDIS);

const folder = await mkdtemp(path.join(os.tmpdir(), 'graft-test-'));
const report = path.join(folder, 'report.json');
const status = run(
	packageFile('vitest', 'vitest.mjs'),
	['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
	{
		...(chromium === null ? {} : { GRAFT_CHROMIUM: chromium }),
		...(redis === null ? {} : { GRAFT_REDIS_SERVER: redis }),
	},
);
const counts = await readFile(report, 'utf8').then(JSON.parse, () => null);
await rm(folder, { recursive: true, force: true });

const passed = counts?.numPassedTests ?? 0;
const failed = (counts?.numFailedTests ?? 0) + failedChecks;
// A suite that broke before its first test fails the run without a failed test: it must show in the count.
const broken = counts === null || (status !== 0 && failed === 0) ? 1 : 0;
const skipped = (counts?.numPendingTests ?? 0) + (counts?.numTodoTests ?? 0);
console.log(`${passed} passed, ${failed + broken} failed, ${skipped} skipped`);
process.exit(failed + broken > 0 ? 1 : 0);
