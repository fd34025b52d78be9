import { parseArgs } from 'node:util';
import { artifacts } from './artifacts.js';
import { classicScripts } from './classic-scripts.js';
import { demo } from './demo.js';
import type { Benchmark } from './figure.js';
import { importing } from './import.js';
import { ingest } from './ingest.js';
import { live } from './live/live.js';
import { logs } from './logs.js';
import { page } from './page.js';
import { peers } from './peers/peers.js';
import { pipeline } from './pipeline.js';
import { read } from './read.js';
import { runs } from './runs.js';
import { scheduler } from './scheduler/scheduler.js';
import { soak } from './soak.js';
import { training } from './training.js';
import { trunkCache } from './trunk-cache.js';

const benchmarks: readonly Benchmark[] = [
	artifacts,
	classicScripts,
	demo,
	importing,
	ingest,
	live,
	logs,
	page,
	peers,
	pipeline,
	read,
	runs,
	scheduler,
	soak,
	training,
	trunkCache,
];

/** Says what may be asked for, and ends. */
function endWithUsage(wrong: string | null): never {
	if (wrong !== null) console.error(`${wrong}\n`);
	console.error('Usage: npm run -s bench -- NAME [--json] [--full] [--minutes N] [--data FOLDER] [--only PART,PART]\n');
	for (const { name, about, parts } of benchmarks) {
		console.error(`  ${name.padEnd(14)} ${about}${parts ? `; parts: ${parts.join(', ')}` : ''}`);
	}
	process.exit(2);
}

function readArguments() {
	try {
		return parseArgs({
			allowPositionals: true,
			options: {
				json: { type: 'boolean' },
				full: { type: 'boolean' },
				minutes: { type: 'string', default: '10' },
				data: { type: 'string' },
				only: { type: 'string' },
			},
		});
	} catch (error) {
		return endWithUsage(error instanceof Error ? error.message : String(error));
	}
}

const { values, positionals } = readArguments();
const wanted = benchmarks.find(({ name }) => name === positionals[0]);
if (wanted === undefined)
	endWithUsage(positionals[0] === undefined ? null : `There is no benchmark ${positionals[0]}.`);
if (!(Number(values.minutes) >= 3)) endWithUsage('A soak takes three minutes at least: --minutes 3.');
const only = values.only?.split(',') ?? [];
const unknown = only.find((part) => !wanted.parts?.includes(part));
if (unknown !== undefined) endWithUsage(`The benchmark ${wanted.name} has no part ${unknown}.`);
const figures = await wanted.run((line) => console.error(line), {
	full: values.full ?? false,
	minutes: Number(values.minutes),
	data: values.data ?? null,
	only,
});
if (values.json) {
	console.log(JSON.stringify({ bench: wanted.name, figures }));
} else {
	for (const { name, value, unit, goal, ok, reason } of figures) {
		if (value === null) {
			console.log(`${name.padEnd(44)} not measured: ${reason}`);
			continue;
		}
		const verdict = goal === null ? '' : `goal ${goal}: ${ok ? 'reached' : 'MISSED'}`;
		console.log(`${name.padEnd(44)} ${value.toPrecision(4).padStart(10)} ${unit.padEnd(8)} ${verdict}`);
	}
}
process.exit(figures.every(({ ok }) => ok) ? 0 : 1);
