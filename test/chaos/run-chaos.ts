import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchOneDocument } from '../gql/graphql.js';
import { prepareLaunch } from '../support/catalogue.js';
import { until } from '../support/until.js';
import { FAULTS, killTrainer, type Recovery } from './faults.js';
import { examine, type Finding, type Fingerprints, fingerprintOf, runsOf, TERMINAL, weightsOf } from './oracle.js';
import { between, oneOf, randomOf } from './random.js';
import { type Stage, startStage } from './stage.js';

export interface Chaos {
	readonly seed: number;
	readonly minutes: number;
	readonly log: (line: string) => void;
}

export interface ChaosReport {
	readonly faults: ReadonlyMap<string, number>;
	readonly runs: number;
	readonly findings: readonly Finding[];
	readonly recoveries: readonly Recovery[];
	/** Processes that outlived the end of everything. */
	readonly leftOver: readonly number[];
}

const TRAINERS = 3;
/** What is launched together: many runs of a moment, and some that last long enough to be killed within and resumed. */
const SHORT = { seeds: [1, 2, 3, 4, 5, 6], epochs: 2, trainExamplesPerClass: 16 };
const LONG = { seeds: [11, 12], epochs: 12, trainExamplesPerClass: undefined };
/** A quarter of the requests is meddled with while the storm lasts. */
const MEDDLING = { duplicate: 0.1, delay: 0.1, loseAnswer: 0.05 };
/** Until the last lease has run out, and every run has found a trainer once more. */
const DRAINED_WITHIN_MS = 240_000;
/** One API process must have been up for a lease, or nobody may take back leases yet. */
const MAY_REAP_AFTER_MS = 14_000;

/** Trains real runs while a schedule that follows from the seed breaks the platform, and asks the oracle at the end. */
export async function runChaos({ seed, minutes, log }: Chaos): Promise<ChaosReport> {
	const random = randomOf(seed);
	const stage = await startStage(TRAINERS, randomOf(seed + 1));
	let done = false;
	try {
		const subject = await prepareLaunch(stage.client);
		const other = await prepareLaunch(stage.client, 'Undisturbed');
		const undisturbed = await undisturbedRuns(stage, other);
		log(`undisturbed runs of ${undisturbed.size} seeds are trained`);
		const feeding = new AbortController();
		const fed = feed(stage, subject, feeding.signal);
		const storm = await rage(stage, random, Date.now() + minutes * 60_000, log);
		feeding.abort();
		const runs = await fed;
		log(`the storm is over; ${runs} runs were launched`);
		await until(
			'every run ends',
			async () =>
				(await runsOf(stage, subject.experimentId)).every(({ status }) => TERMINAL.includes(status)) ? true : null,
			DRAINED_WITHIN_MS,
		);
		const findings = await examine(stage, subject.experimentId, undisturbed);
		if (findings.some(({ against }) => against.length > 0)) tellErrors(stage, log);
		done = true;
		const { counts } = stage.meddler;
		storm.faults.set('request duplicated', counts.duplicated);
		storm.faults.set('request held back', counts.delayed);
		storm.faults.set('answer lost', counts.answersLost);
		return { ...storm, runs, findings, leftOver: await stage.stop() };
	} catch (error) {
		for (const part of [...stage.apis, ...stage.trainers]) log(`${part.name}:\n${part.log().slice(-3_000)}`);
		throw error;
	} finally {
		if (!done) await stage.stop();
	}
}

/** What the parts themselves call an error: where to begin to look. */
function tellErrors({ apis, trainers }: Stage, log: Chaos['log']): void {
	for (const part of [...apis, ...trainers]) {
		const lines = part
			.log()
			.split('\n')
			.filter((line) => /^\{"level":[56]0/.test(line));
		for (const line of lines.slice(-10)) log(`${part.name}: ${line.slice(0, 3_000)}`);
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

/** Keeps the queue filled; answers how many runs it launched, by the database's word. */
async function feed(stage: Stage, subject: Subject, signal: AbortSignal): Promise<number> {
	while (!signal.aborted) {
		// The API or the database may be away: what was launched and what was not is looked up, not assumed.
		const waiting = await runsOf(stage, subject.experimentId).then(
			(runs) => runs.filter(({ status }) => !TERMINAL.includes(status)).length,
			() => Number.POSITIVE_INFINITY,
		);
		// Never many: a run that lost its trainer is the oldest one, and is to find a free trainer soon.
		if (waiting < 2 * TRAINERS) await launch(stage, subject).catch(() => undefined);
		await sleep(250, undefined, { signal }).catch(() => undefined);
	}
	return (await runsOf(stage, subject.experimentId)).length;
}

async function rage(stage: Stage, random: () => number, deadline: number, log: Chaos['log']) {
	const faults = new Map<string, number>();
	const recoveries: Recovery[] = [];
	const count = (kind: string) => faults.set(kind, (faults.get(kind) ?? 0) + 1);
	const healing = new Set<Promise<void>>();
	const busy = new Set<string>();
	stage.meddler.meddling = MEDDLING;
	while (Date.now() < deadline) {
		await sleep(between(random, 500, 3_000));
		if (random() < 0.15) {
			await Promise.all(healing);
			await until('an API process may reap', async () =>
				stage.apis.some((api) => Date.now() - api.readySince() > MAY_REAP_AFTER_MS) ? true : null,
			);
			count('trainer SIGKILL');
			const recovery = await killTrainer(stage, random, LONG.seeds);
			if (recovery === null) continue;
			recoveries.push(recovery);
			const again =
				recovery.againSeconds === null ? 'waits' : `trained again after ${recovery.againSeconds.toFixed(1)} s`;
			log(`a killed trainer: noticed after ${recovery.detectSeconds.toFixed(1)} s, its run ${again}`);
			continue;
		}
		const fault = oneOf(random, FAULTS);
		// One part breaks in one way at a time; different parts break together.
		const [part = ''] = fault.kind.split(' ');
		if (busy.has(part) || (fault.kind.startsWith('full disk') && stage.smallDisk === null)) continue;
		count(fault.kind);
		log(fault.kind);
		busy.add(part);
		const struck: Promise<void> = fault.strike(stage, random).finally(() => {
			busy.delete(part);
			healing.delete(struck);
		});
		healing.add(struck);
	}
	await Promise.all(healing);
	stage.meddler.meddling = { duplicate: 0, delay: 0, loseAnswer: 0 };
	return { faults, recoveries };
}
