import { parseArgs } from 'node:util';
import { runChaos } from './run-chaos.js';

const { values } = parseArgs({ options: { seed: { type: 'string' }, minutes: { type: 'string' } } });
const [seed, minutes] = [Number(values.seed ?? 1), Number(values.minutes ?? 3)];
if (!Number.isInteger(seed) || !(minutes > 0)) {
	console.error('Usage: npm run chaos -- [--seed N] [--minutes M]');
	process.exit(2);
}
const began = Date.now();
const log = (line: string) => console.error(`${((Date.now() - began) / 1000).toFixed(1).padStart(7)} s  ${line}`);
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
	process.once(signal, () => ending.abort(new Error(`ended by ${signal}`)));
const report = await runChaos({ seed, minutes, log, signal: ending.signal });
const { faults, runs, findings, recoveries, leftOver, hasSmallDisk } = report;

const against = (word: string) =>
	findings.flatMap((finding) => finding.against).filter((line) => line.startsWith(word));
const worst = (of: (recovery: (typeof recoveries)[number]) => number) => Math.max(0, ...recoveries.map(of));
console.log(`seed ${seed}, ${minutes} minutes`);
for (const [kind, count] of faults) console.log(`  ${String(count).padStart(5)}  ${kind}`);
if (!hasSmallDisk) console.log('         no disk was filled: this user may not mount one');
console.log(`runs ${runs}, points ${findings.find(({ sentence }) => sentence.includes('point is stored'))?.counted}`);
console.log(`losses ${against('LOST').length}, duplicates ${against('TWICE').length}`);
const [detect, again] = [worst(({ detectSeconds }) => detectSeconds), worst(({ againSeconds }) => againSeconds ?? 0)];
console.log(
	`a killed trainer (${recoveries.length} measured): noticed within ${detect.toFixed(1)} s (<= 15), trained again within ${again.toFixed(1)} s (<= 20)`,
);
for (const { sentence, counted, against: lines } of findings) {
	console.log(`${lines.length === 0 ? 'true ' : 'FALSE'}  ${sentence} (${counted})`);
	for (const line of lines.slice(0, 20)) console.log(`         ${line}`);
}
console.log(`${leftOver.length === 0 ? 'true ' : 'FALSE'}  every process ended when told to`);
for (const line of leftOver) console.log(`         ${line}`);
const held = findings.every(({ against: lines }) => lines.length === 0) && leftOver.length === 0;
process.exit(held && detect <= 15 && again <= 20 ? 0 : 1);
