import { setTimeout as sleep } from 'node:timers/promises';
import { FAULTS, type Fault } from './faults.js';
import { killTrainer, type Recovery } from './kill-trainer.js';
import { between, oneOf, randomOf } from './random.js';
import type { Stage } from './stage.js';
import type { Waits } from './watch.js';

export interface Storm {
	/** How often each kind of fault struck. */
	readonly faults: ReadonlyMap<string, number>;
	readonly recoveries: readonly Recovery[];
}

export interface StormOptions {
	readonly stage: Stage;
	readonly seed: number;
	readonly ms: number;
	readonly waits: Waits;
	readonly log: (line: string) => void;
	/** Runs that last long enough to lose their trainer. */
	readonly longSeeds: readonly number[];
}

/** A quarter of the requests is meddled with while the storm lasts. */
const MEDDLING = { duplicate: 0.1, delay: 0.1, loseAnswer: 0.05 };
/** One API process must have been up for a lease, or nobody may take back leases yet. */
const MAY_REAP_AFTER_MS = 14_000;
export const TIMED_KILL = 'trainer SIGKILL, timed';
/** A timed kill takes 13 s in which nothing else breaks. */
const TIMED_KILLS = 0.08;

interface Strike {
	readonly afterMs: number;
	/** Null: a kill that is timed. */
	readonly fault: Fault | null;
	readonly random: () => number;
}

/** The schedule follows from the seed alone: what happens to a fault draws from numbers of its own. */
function* schedule(seed: number): Generator<Strike> {
	const random = randomOf(seed);
	for (;;) {
		const afterMs = between(random, 300, 2_200);
		const fault = random() < TIMED_KILLS ? null : oneOf(random, FAULTS);
		yield { afterMs, fault, random: randomOf(random() * 2 ** 32) };
	}
}

/** Breaks one part after the other, several at once, until the time is up and everything has healed. */
export async function rage({ stage, seed, ms, waits, log, longSeeds }: StormOptions): Promise<Storm> {
	const deadline = Date.now() + ms;
	const faults = new Map<string, number>();
	const recoveries: Recovery[] = [];
	const count = (kind: string) => faults.set(kind, (faults.get(kind) ?? 0) + 1);
	const healing = new Map<string, Promise<void>>();
	const failures: unknown[] = [];
	const healed = () => waits.until('the faults heal', Promise.all(healing.values()));
	stage.meddler.meddling = MEDDLING;
	for (const { afterMs, fault, random } of schedule(seed)) {
		await sleep(afterMs);
		if (Date.now() > deadline || failures.length > 0) break;
		if (fault === null) {
			if (!stage.apis.some((api) => Date.now() - api.readySince() > MAY_REAP_AFTER_MS)) continue;
			await healed();
			const recovery = await waits.until('a run whose trainer was killed', killTrainer(stage, random, longSeeds));
			if (recovery === null) continue;
			count(TIMED_KILL);
			recoveries.push(recovery);
			const { detectSeconds, againSeconds } = recovery;
			const again =
				againSeconds === null
					? 'waits, for it has lost trainers before'
					: `trained again after ${againSeconds.toFixed(1)} s`;
			log(`a killed trainer: noticed after ${detectSeconds.toFixed(1)} s, its run ${again}`);
			continue;
		}
		// One part breaks in one way at a time; different parts break together.
		const { kind } = fault;
		const part = kind.split(' ', 1)[0] ?? kind;
		if (healing.has(part) || (part === 'full' && stage.smallDisk === null)) continue;
		count(kind);
		log(kind);
		const struck = waits
			.until(kind, fault.strike(stage, random))
			.catch((error) => void failures.push(error))
			.finally(() => healing.delete(part));
		healing.set(part, struck);
	}
	await healed();
	if (failures.length > 0) throw failures[0];
	stage.meddler.meddling = { duplicate: 0, delay: 0, loseAnswer: 0 };
	const { duplicated, delayed, answersLost } = stage.meddler.counts;
	return {
		recoveries,
		faults: new Map([
			...[...faults].sort(([one], [other]) => one.localeCompare(other)),
			['request sent twice', duplicated],
			['request held back, so that others overtake it', delayed],
			['answer lost', answersLost],
		]),
	};
}
