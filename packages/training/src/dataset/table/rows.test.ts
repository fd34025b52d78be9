import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { csvRows } from './csv-rows.js';
import { jsonlRows } from './jsonl-rows.js';
import { parquetRows } from './parquet-rows.js';
import type { Row } from './row.js';
import { checkUtf8 } from './utf8.js';

/** The bytes in pieces of so many. */
async function* pieces(content: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
	const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
	for (let begin = 0; begin < bytes.length; begin += size) yield bytes.subarray(begin, begin + size);
}
async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
	const found: T[] = [];
	for await (const row of rows) found.push(row);
	return found;
}
const csv = async (content: string | Uint8Array, delimiter = ',') => all(csvRows(pieces(content), 'a.csv', delimiter));
const jsonl = (content: string | Uint8Array) => all(jsonlRows(pieces(content), 'a.jsonl'));
const plain = (rows: readonly Row[]) => rows.map(({ place, cells }) => [place, { ...cells }]);
const data = (message: RegExp) => ({ name: 'GraftError', code: 'DATA', message: expect.stringMatching(message) });

describe('CSV', () => {
	it('reads quotation marks, line ends within cells, empty lines and a byte order mark, and knows the lines', async () => {
		const text = '\ufefftext,label\r\n"one, ""two""",1\r\n"first\nsecond",0\n\nthird,1\n';
		expect(plain(await csv(text))).toEqual([
			['a.csv, line 2', { text: 'one, "two"', label: '1' }],
			['a.csv, line 3', { text: 'first\nsecond', label: '0' }],
			['a.csv, line 6', { text: 'third', label: '1' }],
		]);
		expect(plain(await csv('a;b\n1;2', ';'))).toEqual([['a.csv, line 2', { a: '1', b: '2' }]]);
	});

	test.each<[string, string | Uint8Array, RegExp]>([
		['a ragged row', 'a,b\n1,2\n3,4,5\n', /^a\.csv, line 3: 3 cells, but 2 columns\.$/],
		['a row that is too short', 'a,b\n1\n', /line 2: 1 cells, but 2 columns/],
		['an open quotation mark', 'a,b\n1,"2\n3,4', /line 3: this is not CSV: Quote Not Closed/],
		['a mark within a cell', 'a,b\n1,x"y\n', /line 2: this is not CSV: Invalid Opening Quote/],
		['two columns of one name', 'a,a\n1,2', /line 1: two columns are called "a"/],
		['an empty file', '', /a\.csv is empty/],
		['bytes that are no text', Uint8Array.of(0x61, 0x0a, 0xc3, 0xa9, 0xff, 0x0a), /offset 4 belongs to no character/],
		['a character that ends with the file', Uint8Array.of(0x61, 0x0a, 0x62, 0xe5, 0x8d), /offset 3/],
	])('refuses %s', async (_, content, message) => {
		await expect(csv(content)).rejects.toMatchObject(data(message));
	});

	it('gives back any table that was written as CSV', async () => {
		const cell = fc.string({ unit: fc.constantFrom('a', 'é', '博', '😀', '"', ',', '\n', ' ', "'") });
		const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 });
		const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
		await fc.assert(
			fc.asyncProperty(table, fc.integer({ min: 1, max: 9 }), async (rows, size) => {
				const text = ['x,y', ...rows.map((row) => row.map(quoted).join())].join('\n');
				const found = await all(csvRows(pieces(text, size), 'a.csv', ','));
				expect(found.map(({ cells }) => [cells.x, cells.y])).toEqual(rows);
			}),
		);
	});

	it('reads any bytes or refuses them by name', async () => {
		const likely = fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d, 0x61, 0xc3, 0xa9, 0xff);
		const bytes = fc.oneof(
			fc.uint8Array(),
			fc.array(likely).map((list) => Uint8Array.from(list)),
		);
		await fc.assert(
			fc.asyncProperty(bytes, async (content) => {
				await csv(content).catch((error: unknown) => expect(error).toMatchObject(data(/./)));
			}),
		);
	});
});

test('the offset of a broken byte is that of the decoder of Python, wherever the pieces are cut', async () => {
	// python3 -c "try: bytes.fromhex('...').decode() except UnicodeDecodeError as e: print(e.start)"
	const known: [string, number][] = [
		['61e962', 1],
		['61f09f98', 1],
		['c3a9c3', 2],
		['c080', 0],
		['eda080', 0],
		['61f4908080', 1],
		['e58d9aff', 3],
		['8061', 0],
	];
	for (const [hex, offset] of known) {
		for (let size = 1; size <= 5; size++) {
			const reading = all(checkUtf8(pieces(Buffer.from(hex, 'hex'), size), 'a.txt'));
			await expect(reading, hex).rejects.toMatchObject(data(new RegExp(`offset ${offset} belongs`)));
		}
	}
	await fc.assert(
		fc.asyncProperty(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 5 }), async (text, size) => {
			expect(Buffer.concat(await all(checkUtf8(pieces(text, size), 'a.txt'))).toString()).toBe(
				Buffer.from(text).toString(),
			);
		}),
	);
});

describe('JSONL', () => {
	it('reads an object a line, with numbers as they are', async () => {
		const text = '\ufeff{"text":"é\\n","label":1}\n\n{"text":"b","label":null}\r\n{"text":"c","label":0.5}';
		expect(plain(await jsonl(text))).toEqual([
			['a.jsonl, line 1', { text: 'é\n', label: 1 }],
			['a.jsonl, line 3', { text: 'b', label: null }],
			['a.jsonl, line 4', { text: 'c', label: 0.5 }],
		]);
	});

	test.each<[string, string | Uint8Array, RegExp]>([
		['a line that is no JSON', '{"a":1}\n{"a":', /^a\.jsonl, line 2: this is not JSON/],
		['a list', '[1,2]', /line 1: a row is a JSON object/],
		['bytes that are no text', Uint8Array.of(0x7b, 0xff), /offset 1/],
	])('refuses %s', async (_, content, message) => {
		await expect(jsonl(content)).rejects.toMatchObject(data(message));
	});

	it('reads any text or refuses it by name', async () => {
		const text = fc.oneof(
			fc.string(),
			fc.array(fc.json(), { maxLength: 4 }).map((lines) => lines.join('\n')),
		);
		await fc.assert(
			fc.asyncProperty(text, async (content) => {
				await jsonl(content).catch((error: unknown) => expect(error).toMatchObject(data(/./)));
			}),
		);
	});
});

// The files are pyarrow's: packages/training/scripts/parquet-files.py.
describe('Parquet', () => {
	const fileOf = (bytes: Uint8Array) => ({
		byteLength: bytes.length,
		slice: (begin: number, end?: number) => {
			const part = bytes.slice(begin, end);
			return part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength) as ArrayBuffer;
		},
	});
	const parquet = (bytes: Uint8Array, columns: readonly string[] | null = null) =>
		all(parquetRows(fileOf(bytes), 'a.parquet', columns));
	const read = (name: string) => readFile(new URL(`../../../vectors/${name}.parquet`, import.meta.url));

	test.each(['plain', 'snappy', 'gzip', 'zstd', 'brotli'])('%s: rows over several groups', async (name) => {
		const rows = await parquet(await read(name));
		expect(rows).toHaveLength(7);
		expect(rows[0]).toEqual({
			place: 'a.parquet, row 1',
			cells: { text: 'première', label: 'good', stars: 5, price: 1.5, big: 9_007_199_254_740_991n },
		});
		expect(rows[6]).toMatchObject({ place: 'a.parquet, row 7', cells: { text: null, stars: 1 } });
		expect(await parquet(await read(name), ['stars', 'nowhere'])).toMatchObject([
			...Array.from({ length: 7 }, () => ({ cells: { stars: expect.any(Number) } })),
		]);
	});

	it('refuses text that is none, and a file that was cut', async () => {
		const bytes = await read('plain');
		await expect(parquet(bytes.subarray(0, bytes.length - 20))).rejects.toMatchObject(
			data(/cannot be read as Parquet/),
		);
		const at = bytes.indexOf(Buffer.from('première'));
		const broken = Uint8Array.from(bytes);
		broken[at + 4] = 0xff;
		await expect(parquet(broken)).rejects.toMatchObject(data(/cannot be read as Parquet/));
	});

	it('refuses a page that unpacks to more than memory is for, before it does', async () => {
		const bytes = await read('bomb');
		expect(bytes.length).toBeLessThan(4096);
		const before = process.memoryUsage().rss;
		await expect(parquet(bytes)).rejects.toMatchObject(data(/a page claims 3\d{8} bytes, and 268435456 are the most/));
		expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
	});

	it('refuses groups that claim a number of rows which cannot be', async () => {
		const bytes = await read('plain');
		const footer = bytes.readUInt32LE(bytes.length - 8);
		// Three rows are 6 as a zigzag varint behind the head of an i64's field; 1 is -1.
		for (let at = bytes.length - 8 - footer; at < bytes.length - 8; at++) {
			if (bytes[at] === 0x16 && bytes[at + 1] === 6) bytes[at + 1] = 1;
		}
		await expect(parquet(bytes)).rejects.toMatchObject(data(/a group of -1 rows .* begins at row 1/));
	});

	it('reads any bytes in the place of some, or refuses them by name', async () => {
		const bytes = await read('plain');
		const change = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1 });
		await fc.assert(
			fc.asyncProperty(change, async (changes) => {
				const other = Uint8Array.from(bytes);
				for (const [at, byte] of changes) other[at] = byte;
				await parquet(other).catch((error: unknown) => expect(error).toMatchObject(data(/./)));
			}),
			{ numRuns: 300 },
		);
	}, 60_000);
});
