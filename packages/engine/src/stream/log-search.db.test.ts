import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, leaseNext, type Scene } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
});
afterEach(() => clone.drop());

/** Marks that LIKE, regular expressions and arrays give a meaning to, letters in both forms, and an emoji. */
const letter = fc.constantFrom(...(`aAbBéÉжЖ%_\\*.[]{}"',()^$? 🧊\uFFFD`.match(/./gu) ?? []));
const text = (maxLength: number) => fc.array(letter, { maxLength }).map((list) => list.join(''));
const stored = (line: string) => line.replaceAll('\0', '\uFFFD').replaceAll('\ud800', '\uFFFD');

async function launchOne(): Promise<string> {
	const [run] = ok(
		await it.engine.launchComparison({ ...scene.launch, seeds: [0], strategies: [{ kind: 'FROM_SCRATCH' }] }),
	);
	return run?.id ?? '';
}

/** Goes through all pages of a search. */
async function findAll(runId: string, search: string | null, first: number) {
	const found: { number: number; line: string }[] = [];
	for (let after: string | null = null; ; ) {
		const page = await it.engine.logLinesOf(runId, { after, first, search });
		found.push(...page.map(({ number, line }) => ({ number, line })));
		if (page.length < first) return found;
		after = page.at(-1)?.cursor ?? null;
	}
}

test('pages of any size hold exactly the lines that contain the text, under their numbers, over attempts', async () => {
	const runId = await launchOne();
	const written: string[] = [];
	const lines = (seed: number, size: number) =>
		fc.sample(fc.array(text(10), { minLength: size, maxLength: size }), { numRuns: 1, seed })[0] ?? [];
	for (const attempt of [1, 2]) {
		const { lease } = await leaseNext(it);
		for (const [index, size] of [1, 40, 0, 7, 1, 100].entries()) {
			const batch = lines(attempt * 100 + index, size);
			written.push(...batch);
			ok(await it.engine.logLines(lease, index + 1, batch));
		}
		if (attempt === 1) ok(await it.engine.releaseRun(lease, 'test'));
	}
	const numbered = written.map((line, index) => ({ number: index + 1, line }));
	expect(await findAll(runId, null, 37)).toEqual(numbered);
	expect(await it.engine.logLineCount(runId, null)).toBe(written.length);
	await fc.assert(
		fc.asyncProperty(text(3), fc.integer({ min: 1, max: 60 }), async (search, first) => {
			const wanted = numbered.filter(({ line }) => line.toLowerCase().includes(search.toLowerCase()));
			expect(await findAll(runId, search, first)).toEqual(wanted);
			expect(await it.engine.logLineCount(runId, search)).toBe(wanted.length);
		}),
		{ numRuns: 60 },
	);
});

test('what could not be stored is found by what was sent', async () => {
	const runId = await launchOne();
	const { lease } = await leaseNext(it);
	const sent = ['plain', 'nul \0 here', 'half \ud800 pair', 'whole 🧊 pair', 'tab\tand "quotes", {braces} \\ % _'];
	ok(await it.engine.logLines(lease, 1, sent));
	for (const [index, line] of sent.entries()) {
		expect(await findAll(runId, line.toUpperCase(), 10)).toEqual([{ number: index + 1, line: stored(line) }]);
	}
	expect((await findAll(runId, '\0', 10)).map(({ number }) => number)).toEqual([2, 3]);
	expect((await findAll(runId, '_', 10)).map(({ number }) => number)).toEqual([5]);
	expect(await findAll(runId, 'p_ain', 10)).toEqual([]);
	expect(await it.engine.logLineCount('no id', 'x')).toBe(0);
});

test('a page that goes on from a stream has its lines counted', async () => {
	const runId = await launchOne();
	const { lease } = await leaseNext(it);
	ok(await it.engine.logLines(lease, 1, ['one', 'two']));
	ok(await it.engine.logLines(lease, 2, ['three', 'four', 'five']));
	const stop = new AbortController();
	const reader = it.engine.logStream({ runId, after: null }, stop.signal)[Symbol.asyncIterator]();
	const { value: frame } = await reader.next();
	stop.abort();
	ok(await it.engine.logLines(lease, 3, ['six', 'seven']));
	const page = await it.engine.logLinesOf(runId, { after: frame.cursor, first: 10, search: 'S' });
	expect(page.map(({ number, line }) => [number, line])).toEqual([
		[6, 'six'],
		[7, 'seven'],
	]);
});
