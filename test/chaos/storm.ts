import { setTimeout as sleep } from 'node:timers/promises';
import { FAULTS, type Fault } from './faults.js';
import { killTrainer, type Recovery } from './kill-trainer.js';
import { between, randomOf } from './random.js';
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

/** Null: a kill that is timed, some 13 s in which nothing else breaks. */
type Card = Fault | null;

const partOf = ({ kind }: Fault): string => kind.split(' ', 1)[0] ?? kind;

/** Every kind of fault once, in an order that follows from the seed, then all of them again, and so on. */
function deckOf(random: () => number, kinds: readonly Card[]) {
	let cards: Card[] = [];
	return {
		/** The next one that can strike now; those that cannot stay on top. Undefined: none can. */
		draw(canStrike: (card: Card) => boolean): Card | undefined {
			if (cards.length === 0) {
				const ranked = kinds.map((card) => ({ card, rank: random() }));
				cards = ranked.sort((one, other) => one.rank - other.rank).map(({ card }) => card);
			}
			const at = cards.findIndex(canStrike);
			return at < 0 ? undefined : cards.splice(at, 1)[0];
		},
	};
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
	const random = randomOf(seed);
	const possible = FAULTS.filter(({ needsSmallDisk }) => stage.smallDisk !== null || !needsSmallDisk);
	const deck = deckOf(random, [null, ...possible]);
	const mayReap = () => stage.apis.some((api) => Date.now() - api.readySince() > MAY_REAP_AFTER_MS);
	// One part breaks in one way at a time; different parts break together.
	const canStrike = (card: Card) => (card === null ? mayReap() : !healing.has(partOf(card)));
	while (failures.length === 0) {
		await sleep(between(random, 300, 2_200));
		if (Date.now() > deadline) break;
		const fault = deck.draw(canStrike);
		if (fault === undefined) continue;
		// Of its own, so that what happens to one changes nothing for the next.
		const dice = randomOf(random() * 2 ** 32);
		if (fault === null) {
			await healed();
			const recovery = await waits.until('a run whose trainer was killed', killTrainer(stage, dice, longSeeds));
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
		const { kind } = fault;
		const part = partOf(fault);
		count(kind);
		log(kind);
		const struck = waits
			.until(kind, fault.strike(stage, dice))
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
