import type { Distribution } from '@graft/domain/dataset';

/** Percentiles by nearest rank: each is a value that there is. */
export function distributionOf(name: string, unit: string, values: readonly number[]): Distribution {
	const sorted = Float64Array.from(values).sort();
	const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
	return { name, unit, min: at(0), p5: at(0.05), median: at(0.5), p95: at(0.95), max: at(1) };
}
