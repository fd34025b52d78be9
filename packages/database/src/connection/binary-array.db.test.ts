import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bigints, byteas, doubles, integers, texts, uuids } from './binary-array.js';

let clone: TestDatabase;
beforeAll(async () => {
	clone = await createTestDatabase();
});
afterAll(() => clone.drop());

const { MAX_SAFE_INTEGER, MIN_SAFE_INTEGER, MIN_VALUE, MAX_VALUE, NaN: NOT_A_NUMBER, POSITIVE_INFINITY } = Number;

test.each([
	['bigint', bigints, [0, -0, 1, -1, 2 ** 32, -(2 ** 32) - 1, MAX_SAFE_INTEGER, MIN_SAFE_INTEGER, null]],
	['integer', integers, [0, 2 ** 31 - 1, -(2 ** 31), null]],
	['float8', doubles, [0, 0.1, MIN_VALUE, MAX_VALUE, NOT_A_NUMBER, POSITIVE_INFINITY, -POSITIVE_INFINITY, null]],
	['text', texts, ['', 'loss', 'Verlust {"ä,€😀"}', 'NULL']],
	['uuid', uuids, ['0192f0c1-aaaa-7bbb-8ccc-0123456789ab', 'ffffffff-ffff-ffff-ffff-ffffffffffff']],
	['bytea', byteas, [Buffer.alloc(0), Buffer.of(0, 255, 92)]],
] as const)('PostgreSQL reads an array of %s as it was written', async (type, encode, values) => {
	const read = async (of: readonly unknown[]) => {
		const text = `SELECT value FROM unnest($1::${type}[]) WITH ORDINALITY AS one(value, place) ORDER BY place`;
		const rows = await clone.database.query<{ value: unknown }>({ name: '', text }, [encode(of as never)]);
		return rows.map(({ value }) => value);
	};
	const plain = values.map((value) => (Object.is(value, -0) ? 0 : value));
	expect(await read(values)).toEqual(plain);
	expect(await read([])).toEqual([]);
});

test('a double keeps its sign and its last bit', async () => {
	const values = [-0, 0.1 + 0.2, 5e-324];
	const text = 'SELECT float8send(value) AS bytes FROM unnest($1::float8[]) AS value';
	const rows = await clone.database.query<{ bytes: Buffer }>({ name: '', text }, [doubles(values)]);
	expect(rows.map(({ bytes }) => bytes.readDoubleBE(0))).toEqual(values);
});
