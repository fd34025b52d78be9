import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchOneDocument } from '../gql/graphql.js';
import { prepareLaunch } from '../support/catalogue.js';
import { until } from '../support/until.js';
import { type Finding, TERMINAL } from './finding.js';
import { type Fingerprints, fingerprintOf, weightsOf } from './fingerprint.js';
import type { Recovery } from './kill-trainer.js';
import { examine, runsOf } from './oracle.js';
import { randomOf } from './random.js';
import { type Stage, startStage } from './stage.js';
import { rage } from './storm.js';
import { createWaits, describeStandstill, watchProgress } from './watch.js';

export interface Chaos {
	readonly seed: number;
	readonly minutes: number;
	readonly log: (line: string) => void;
	/** Ends it at once, and everything that it started. */
	readonly signal?: AbortSignal;
}

export interface ChaosReport {
	readonly faults: ReadonlyMap<string, number>;
	readonly runs: number;
	readonly findings: readonly Finding[];
	readonly recoveries: readonly Recovery[];
	/** Without one, no disk was filled. */
	readonly hasSmallDisk: boolean;
	/** Processes that outlived the end of everything, or had to be killed for it. */
	readonly leftOver: readonly string[];
}

const TRAINERS = 6;
/** What is launched together: many runs of a moment, and some that last long enough to be killed within and resumed. */
const SHORT = { seeds: Array.from({ length: 14 }, (_, seed) => seed), epochs: 2, trainExamplesPerClass: 16 };
const LONG = { seeds: [101, 102], epochs: 12, trainExamplesPerClass: undefined };
/** Until the last lease has run out, and every run has found a trainer once more. */
const DRAINED_WITHIN_MS = 240_000;

/** Trains real runs while a schedule that follows from the seed breaks the platform, and asks the oracle at the end. */
export async function runChaos(chaos: Chaos): Promise<ChaosReport> {
	const stage = await startStage(TRAINERS, randomOf(chaos.seed + 1));
	let stopped: readonly string[] | null = null;
	try {
		const aborted = new Promise<never>((_, reject) =>
			chaos.signal?.addEventListener('abort', () => reject(chaos.signal?.reason), { once: true }),
		);
		const seen = await Promise.race([perform(chaos, stage), aborted]);
		stopped = await stage.stop();
		return { ...seen, leftOver: stopped };
	} finally {
		if (stopped === null) await stage.stop();
	}
}

async function perform({ seed, minutes, log }: Chaos, stage: Stage): Promise<Omit<ChaosReport, 'leftOver'>> {
	const waits = createWaits();
	const unwatch = watchProgress(stage, waits, log);
	try {
		const subject = await prepareLaunch(stage.client);
		const undisturbed = await undisturbedRuns(stage, await prepareLaunch(stage.client, 'Undisturbed'));
		log(`undisturbed runs of ${undisturbed.size} seeds are trained`);
		const feeding = new AbortController();
		const fed = feed(stage, subject, feeding.signal);
		const storm = await rage({ stage, seed, ms: minutes * 60_000, waits, log, longSeeds: LONG.seeds }).finally(() =>
			feeding.abort(),
		);
		await fed;
		log('the storm is over');
		const ended = async () => {
			const all = await runsOf(stage, subject.experimentId);
			return all.every(({ status }) => TERMINAL.includes(status)) ? all.length : null;
		};
		const runs = await waits.until(
			'every run to end',
			until('every run ends', ended, DRAINED_WITHIN_MS),
			2 * DRAINED_WITHIN_MS,
		);
		log(`${runs} runs have ended`);
		const findings = await examine(stage, subject.experimentId, undisturbed);
		if (findings.some(({ against }) => against.length > 0)) tellErrors(stage, log);
		return { ...storm, runs, findings, hasSmallDisk: stage.smallDisk !== null };
	} catch (error) {
		for (const line of await describeStandstill(stage, waits)) log(line);
		tellErrors(stage, log);
		throw error;
	} finally {
		unwatch();
	}
}

/** What the parts themselves call an error or a warning: where to begin to look. */
function tellErrors({ apis, trainers }: Stage, log: Chaos['log']): void {
	for (const part of [...apis, ...trainers]) {
		const lines = part
			.log()
			.split('\n')
			.filter((line) => /^\{"level":[456]0/.test(line) || !line.startsWith('{'));
		for (const line of lines.slice(-10)) log(`${part.name}: ${line.slice(0, 1_000)}`);
	}
}

type Subject = Awaited<ReturnType<typeof prepareLaunch>>;

async function launch({ client }: Stage, { experimentId, backboneId, datasetId }: Subject): Promise<void> {
	for (const kind of [LONG, SHORT]) {
		const { launchComparison } = await client.request(LaunchOneDocument, {
			input: {
				...{ experimentId, backboneIds: [backboneId], datasetIds: [datasetId], batchSize: 32, ...kind },
				seeds: [...kind.seeds],
				strategies: [{ kind: 'FROM_SCRATCH' }],
			},
		});
		if (launchComparison.__typename !== 'ComparisonLaunched') throw new Error(JSON.stringify(launchComparison));
	}
}

async function undisturbedRuns(stage: Stage, subject: Subject): Promise<Fingerprints> {
	await launch(stage, subject);
	const runs = await until(
		'the undisturbed runs succeed',
		async () => {
			const all = await runsOf(stage, subject.experimentId);
			return all.every(({ status }) => status === 'SUCCEEDED') ? all : null;
		},
		DRAINED_WITHIN_MS,
	);
	const weights = await weightsOf(stage, subject.experimentId);
	const prints = new Map<number, string>();
	for (const { id, seed } of runs) prints.set(seed, await fingerprintOf(stage, id, weights.get(id) ?? ''));
	return prints;
}

/** Keeps the queue filled until the signal aborts. */
async function feed(stage: Stage, subject: Subject, signal: AbortSignal): Promise<void> {
	while (!signal.aborted) {
		// The API or the database may be away: what was launched and what was not is looked up, not assumed.
		const waiting = await runsOf(stage, subject.experimentId).then(
			(runs) => runs.filter(({ status }) => !TERMINAL.includes(status)).length,
			() => Number.POSITIVE_INFINITY,
		);
		if (waiting < 2 * TRAINERS && !signal.aborted) await launch(stage, subject).catch(() => undefined);
		await sleep(250, undefined, { signal }).catch(() => undefined);
	}
}
