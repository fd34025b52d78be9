import { expect } from 'vitest';
import type { LogLine } from '../../contract/inputs.js';
import { KEYS } from './commands.js';
import type { Observed } from './scenario.js';

/** Names of metrics, summaries with their checkpoints, log lines. */
export async function compareRecord(scenario: Observed): Promise<void> {
	await compareKeys(scenario);
	await compareSummaries(scenario);
	await compareLines(scenario);
}

async function compareKeys({ engine, record, runId }: Observed): Promise<void> {
	const of = async (search: string | null, first: number | null) =>
		(await engine.metricKeysByRuns([runId], { search, first })).get(runId) ?? [];
	expect(await of(null, null)).toEqual(record.keys);
	expect(await of('L', 2)).toEqual(record.keys.filter((key) => key.includes('l')).slice(0, 2));
}

async function compareSummaries({ engine, record, runId }: Observed): Promise<void> {
	for (const key of KEYS) {
		const { last, min, max, finite } = record.summary(key);
		const points = ['LAST', 'MIN', 'MAX', 'BEST'] as const;
		const [atLast, atMin, atMax, atBest] = await engine.summaries(points.map((at) => ({ runId, metric: key, at })));
		if (last === null) {
			expect([atLast, atMin, atMax, atBest]).toEqual([null, null, null, null]);
			continue;
		}
		const value = Number.isFinite(last.value) ? last.value : null;
		expect(atLast).toMatchObject({ value, step: last.step, finite });
		// Of 0 and -0 either may be kept: neither is less.
		for (const [made, wanted] of [
			[atMin, min],
			[atMax, max],
		] as const)
			expect([(made?.value ?? null) === (wanted?.value ?? null), made?.step]).toEqual([true, wanted?.step ?? null]);
		expect(atBest).toEqual(key === 'loss' ? atMin : atMax);
		for (const made of [atLast, atMin, atMax]) expect(made?.checkpointId).toBe(record.checkpointOf(made?.step ?? null));
	}
}

async function compareLines({ engine, record, runId }: Observed): Promise<void> {
	for (const search of [null, 'epoch', '%', '_', 'Ü', 'none']) {
		const wanted = record.lines
			.map((line, at) => ({ number: at + 1, line }))
			.filter(({ line }) => line.toLowerCase().includes((search ?? '').toLowerCase()));
		const got: { number: number; line: string }[] = [];
		for (let after: string | null = null; ; ) {
			const page: readonly LogLine[] = await engine.logLinesOf(runId, { after, first: 7, search });
			got.push(...page.map(({ number, line }) => ({ number, line })));
			if (page.length < 7) break;
			after = page.at(-1)?.cursor ?? null;
		}
		expect(got).toEqual(wanted);
		expect(await engine.logLineCount(runId, search)).toBe(wanted.length);
	}
}
