/** One measured number with its goal. `ok` is the verdict, so that a script needs no knowledge of directions. */
export interface Figure {
	readonly name: string;
	/** Null where it cannot be measured here. */
	readonly value: number | null;
	readonly unit: string;
	/** The goal in words that carry the direction, such as `<= 10`; null for a figure that is only reported. */
	readonly goal: string | null;
	readonly ok: boolean;
	/** Why there is no value. */
	readonly reason?: string;
}
export interface BenchmarkOptions {
	/** With what takes long or much room. */
	readonly full: boolean;
	/** How long a soak goes on. */
	readonly minutes: number;
	/** A folder to keep what was loaded in, and to find it in again; null: a temporary one. */
	readonly data: string | null;
	/** Parts of the benchmark, of those that it names; empty: all of them. */
	readonly only: readonly string[];
}
export interface Benchmark {
	readonly name: string;
	/** One line for the list of benchmarks. */
	readonly about: string;
	/** What `--only` may pick, where it may pick. */
	readonly parts?: readonly string[];
	readonly run: (log: (line: string) => void, options: BenchmarkOptions) => Promise<readonly Figure[]>;
}

export const atMost = (name: string, value: number, unit: string, goal: number): Figure => ({
	name,
	value,
	unit,
	goal: `<= ${goal}`,
	ok: value <= goal,
});
export const atLeast = (name: string, value: number, unit: string, goal: number): Figure => ({
	name,
	value,
	unit,
	goal: `>= ${goal}`,
	ok: value >= goal,
});
export const reported = (name: string, value: number, unit: string): Figure => ({
	name,
	value,
	unit,
	goal: null,
	ok: true,
});
/** A goal that this machine cannot say anything about, which is no fault of it. */
export const notMeasured = (name: string, unit: string, goal: string, reason: string): Figure => ({
	name,
	value: null,
	unit,
	goal,
	ok: true,
	reason,
});

/** The smallest value that at least the share `p` of the sample does not exceed. */
export function quantile(sample: readonly number[], p: number): number {
	const sorted = [...sample].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}
