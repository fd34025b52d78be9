import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { race } from '@graft/testing/race';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitFile, createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, leaseNext } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let lease: Awaited<ReturnType<typeof leaseNext>>['lease'];
beforeAll(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	const scene = await createScene(it);
	ok(await it.engine.launchComparison(scene.launch));
	({ lease } = await leaseNext(it));
});
afterAll(() => clone.drop());

const file = {
	name: 'model.safetensors',
	kind: 'checkpoint',
	bytes: 5,
	digest: 'a'.repeat(64),
	step: 7,
	partDigests: null,
};

test('a file is announced, uploaded and committed; bytes that are there need no upload', async () => {
	const begun = ok(await it.engine.beginArtifact({ lease, ...file }));
	const part = { number: 1, offset: 0, bytes: file.bytes, url: `/uploads/${file.digest}`, headers: {} };
	expect(begun).toEqual({ kind: 'ArtifactBegun', parts: [part] });
	expect(await it.engine.commitArtifact({ lease, ...file })).toMatchObject({
		kind: 'InvalidInput',
		code: 'NOT_UPLOADED',
	});
	const stored = it.store.keep('bytes');
	expect(ok(await it.engine.beginArtifact({ lease, ...file, ...stored }))).toMatchObject({ parts: null });
	const artifact = ok(await it.engine.commitArtifact({ lease, ...file, ...stored }));
	expect(artifact).toMatchObject({ runId: lease.runId, attempt: 1, name: 'model.safetensors', step: 7, ...stored });
	expect(await it.engine.artifactsByRuns([lease.runId])).toEqual([artifact]);
});

test('ten commits of one file at once are one artifact', async () => {
	const { digest, bytes } = it.store.keep('raced');
	const input = { lease, ...file, name: 'raced', digest, bytes };
	const answers = await race(Array.from({ length: 10 }, () => () => it.engine.commitArtifact(input)));
	const ids = answers.map((answer) => (answer.status === 'fulfilled' ? ok(answer.value).id : answer.reason));
	expect(new Set(ids).size).toBe(1);
});

test('two runs may hold the same bytes', async () => {
	const other = await leaseNext(it);
	const [one, two] = [
		await commitFile(it, lease, { text: 'same' }),
		await commitFile(it, other.lease, { text: 'same' }),
	];
	expect(one.digest).toBe(two.digest);
	expect(one.id).not.toBe(two.id);
});

test.each([
	['a digest that is none', { digest: 'xyz' }, 'digest'],
	['a length that is none', { bytes: -1 }, 'bytes'],
	['a step that is none', { step: 0.5 }, 'step'],
	['a name that is none', { name: ' ' }, 'name'],
])('refuses %s', async (_, over, field) => {
	expect(await it.engine.beginArtifact({ lease, ...file, ...over })).toMatchObject({ kind: 'InvalidInput', field });
	expect(await it.engine.commitArtifact({ lease, ...file, ...over })).toMatchObject({ kind: 'InvalidInput', field });
});

test('refuses a length that is not the file’s, and one that no store takes', async () => {
	const { digest } = it.store.keep('five!');
	expect(await it.engine.beginArtifact({ lease, ...file, digest, bytes: 6 })).toMatchObject({ field: 'bytes' });
	expect(await it.engine.beginArtifact({ lease, ...file, bytes: 2 ** 50 })).toMatchObject({ kind: 'TooLarge' });
});

test('bytes that belong to no run are announced by digest and size alone', async () => {
	const { digest, bytes } = it.store.keep('weights from elsewhere');
	const begin = (over: object) => it.engine.beginUpload({ digest, bytes, partDigests: null, ...over });
	expect(ok(await begin({}))).toEqual({ kind: 'UploadBegun', parts: null });
	const other = 'b'.repeat(64);
	expect(ok(await begin({ digest: other }))).toMatchObject({ parts: [{ url: `/uploads/${other}` }] });
	expect(await begin({ bytes: bytes + 1 })).toMatchObject({ field: 'bytes' });
	expect(await begin({ digest: 'x' })).toMatchObject({ field: 'digest' });
	expect(await begin({ bytes: 2 ** 50 })).toMatchObject({ kind: 'TooLarge' });
	expect(await begin({ digest: other, partDigests: [other, other] })).toMatchObject({ field: 'partDigests' });
	expect(await begin({ digest: other, partDigests: ['x'] })).toMatchObject({ field: 'partDigests' });
	expect(ok(await it.engine.finishUpload({ digest, bytes }))).toEqual({ kind: 'UploadFinished' });
	expect(await it.engine.finishUpload({ digest: other, bytes })).toMatchObject({ code: 'NOT_UPLOADED' });
	expect(await it.engine.finishUpload({ digest, bytes: bytes + 1 })).toMatchObject({ field: 'bytes' });
});
