import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { GraftError } from '@graft/domain/error';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { TINY_CNN } from '../testing/tiny-cnn.js';
import { importWeights } from './import-weights.js';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures/weights');
const scratch = mkdtempSync(path.join(tmpdir(), 'graft-broken-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const fixture = (name: string) => new Uint8Array(readFileSync(path.join(FIXTURES, name)));
let count = 0;
const place = (name: string) => {
	count += 1;
	const folder = path.join(scratch, `case-${count}`);
	mkdirSync(folder);
	return path.join(folder, name);
};

/** Tries to import it, and sees that nothing is left behind when it is refused. */
async function refuse(from: string, architecture: typeof TINY_CNN | string | null = TINY_CNN): Promise<GraftError> {
	const to = place('out.safetensors');
	const error: unknown = await importWeights({ from, architecture, to, scratch: path.dirname(to) }).then(
		() => null,
		(one) => one,
	);
	expect(error).toBeInstanceOf(GraftError);
	expect(readdirSync(path.dirname(to))).toEqual([]);
	return error as GraftError;
}
const put = (name: string, bytes: Uint8Array | string) => {
	const file = place(name);
	writeFileSync(file, bytes);
	return file;
};

/** A zip archive of these entries; an entry may claim what it is not. */
function zip(entries: readonly { name: string; data: Uint8Array; claims?: number }[]): Uint8Array {
	const parts: Uint8Array[] = [];
	const directory: Uint8Array[] = [];
	let offset = 0;
	for (const { name, data, claims = data.length } of entries) {
		const packed = deflateRawSync(data);
		const fields = Buffer.alloc(26);
		fields.writeUInt16LE(20, 0);
		fields.writeUInt16LE(8, 4);
		fields.writeUInt32LE(crc32(data), 10);
		fields.writeUInt32LE(packed.length, 14);
		fields.writeUInt32LE(claims, 18);
		fields.writeUInt16LE(name.length, 22);
		const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
		const tail = Buffer.alloc(14);
		tail.writeUInt32LE(offset, 10);
		directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), fields, tail, Buffer.from(name)]));
		parts.push(local);
		offset += local.length;
	}
	const central = Buffer.concat(directory);
	const end = Buffer.alloc(18);
	end.writeUInt16LE(entries.length, 4);
	end.writeUInt16LE(entries.length, 6);
	end.writeUInt32LE(central.length, 8);
	end.writeUInt32LE(offset, 12);
	return Buffer.concat([...parts, central, Buffer.from('PK\x05\x06'), end]);
}

describe('HDF5', () => {
	it.each([9, 100, 2_000, 10_000])('cut off after %d bytes', async (length) => {
		const error = await refuse(put('cut.h5', fixture('legacy-weights.h5').subarray(0, length)));
		expect(error.message).toMatch(/cut\.h5 cannot be imported|The weights are not those/);
	});

	it('a link into another file is not followed', async () => {
		const file = place('external-link.h5');
		copyFileSync(path.join(FIXTURES, 'external-link.h5'), file);
		copyFileSync(path.join(FIXTURES, 'legacy-weights.h5'), path.join(path.dirname(file), 'legacy-weights.h5'));
		expect((await refuse(file)).message).toMatch('It refers to another file or place');
	});

	it('damaged files are refused in our own words, or still hold the weights', async () => {
		const whole = { h5: fixture('legacy-weights.h5'), v3: fixture('current.weights.h5') };
		// The library tells stderr what it finds, too, and that cannot be turned off without losing its errors.
		const damage = fc.record({
			of: fc.constantFrom('h5' as const, 'v3' as const),
			at: fc.nat(27_000),
			bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
		});
		await fc.assert(
			fc.asyncProperty(damage, async ({ of, at, bytes }) => {
				const broken = whole[of].slice();
				broken.set(bytes.subarray(0, Math.max(0, broken.length - at)), Math.min(at, broken.length - 8));
				await settles(put('damaged.h5', broken));
			}),
			{ numRuns: 100 },
		);
	}, 120_000);
});

/** Either imported or refused by a GraftError; never anything else. */
async function settles(from: string): Promise<void> {
	const to = place('out.safetensors');
	try {
		await importWeights({ from, architecture: TINY_CNN, to, scratch: path.dirname(to) });
	} catch (error) {
		expect(error).toBeInstanceOf(GraftError);
		expect(readdirSync(path.dirname(to))).toEqual([]);
	}
}

describe('Keras archives', () => {
	const weights = fixture('current.weights.h5');

	it('one that is made by hand is read, so that the following cases are about what is wrong in them', async () => {
		const to = place('out.safetensors');
		const from = put('good.keras', zip([{ name: 'model.weights.h5', data: weights }]));
		expect(await importWeights({ from, architecture: TINY_CNN, to, scratch })).toMatchObject({ tensors: 10 });
	});

	it.each([
		['a name that leads out of it', [{ name: '../../model.weights.h5', data: weights }], /invalid relative path/],
		['an absolute name', [{ name: '/etc/model.weights.h5', data: weights }], /absolute path/],
		[
			'weights that unpack to far more than the network has',
			[{ name: 'model.weights.h5', data: new Uint8Array(80 * 2 ** 20) }],
			/has 83886080 bytes unpacked/,
		],
		[
			'weights that are longer than they claim',
			[{ name: 'model.weights.h5', data: new Uint8Array(2 ** 20), claims: 1000 }],
			/too many bytes|not enough|size/i,
		],
		['no weights', [{ name: 'config.json', data: weights }], /There is no model.weights.h5 in it/],
		[
			'weights that are none',
			[{ name: 'model.weights.h5', data: weights.slice(0, 1000) }],
			/no whole HDF5 file|neither layer_names/,
		],
	])('%s', async (_, entries, message) => {
		expect((await refuse(put('bad.keras', zip(entries)))).message).toMatch(message);
	});

	it('damaged archives are refused in our own words', async () => {
		const whole = fixture('current.keras');
		const damage = fc.record({
			at: fc.nat(whole.length - 1),
			value: fc.nat(255),
			length: fc.integer({ min: 4, max: whole.length }),
		});
		await fc.assert(
			fc.asyncProperty(damage, async ({ at, value, length }) => {
				const broken = whole.slice(0, length);
				broken[at] = value;
				await settles(put('damaged.keras', broken));
			}),
			{ numRuns: 200 },
		);
	}, 120_000);
});

describe('safetensors', () => {
	const file = (header: object, dataBytes: number, claimed?: bigint) => {
		const text = Buffer.from(JSON.stringify(header));
		const length = Buffer.alloc(8);
		length.writeBigUInt64LE(claimed ?? BigInt(text.length));
		return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
	};
	const entry = (begin: number, end: number) => ({
		dtype: 'F32',
		shape: [(end - begin) / 4],
		data_offsets: [begin, end],
	});

	it.each([
		['a header length of 2^60', file({}, 0, 2n ** 60n), /claims 1152921504606846976 bytes/],
		['two tensors in one place', file({ a: entry(0, 8), b: entry(4, 8) }, 8), /inside another tensor/],
		['data beyond the end', file({ a: entry(0, 8) }, 4), /ends at byte 8/],
		['too short', Buffer.from([1, 2, 3]), /too few for a header/],
	])('%s', async (_, bytes, message) => {
		expect((await refuse(put('bad.safetensors', bytes))).message).toMatch(message);
	});

	it('numbers that are none', async () => {
		const bytes = fixture('bert/model.safetensors');
		const view = new DataView(bytes.buffer);
		view.setFloat32(8 + Number(view.getBigUint64(0, true)), Number.NaN, true);
		const error = await refuse(put('nan.safetensors', bytes), 'bert-L2-H8-A2-F12-V20-P8');
		expect(error.message).toMatch(/holds NaN, which is no finite number/);
	});
});

describe('folders and descriptions', () => {
	const shards = (map: object, config = '{}') => {
		const index = put('model.safetensors.index.json', JSON.stringify({ weight_map: map }));
		writeFileSync(path.join(path.dirname(index), 'config.json'), config);
		return path.dirname(index);
	};

	it.each([
		['a shard that lies elsewhere', { a: '../../../etc/passwd' }, /does not lie beside it/],
		['an absolute shard', { a: '/etc/passwd' }, /does not lie beside it/],
		['a shard that is none', { a: 7 }, /names the file 7/],
	])('%s', async (_, map, message) => {
		expect((await refuse(shards(map), null)).message).toMatch(message);
	});

	it('config.json that is no JSON, pickles, and an empty folder', async () => {
		expect((await refuse(shards({}, '{'), null)).message).toMatch('It is not JSON');
		expect((await refuse(path.dirname(put('pytorch_model.bin', 'x')), null)).message).toMatch(
			'a pickle, which may run programs',
		);
		expect((await refuse(path.dirname(put('other', 'x')), null)).message).toMatch('There is neither model.safetensors');
	});

	it.each([
		['no manifest', {}, /no weightsManifest/],
		['a shard that lies elsewhere', { weightsManifest: [{ paths: ['../x'], weights: [] }] }, /does not lie beside it/],
		['a shard that is not there', { weightsManifest: [{ paths: ['x'], weights: [] }] }, /Its shard x cannot be read/],
		[
			'a quantized weight',
			{ weightsManifest: [{ paths: [], weights: [{ name: 'a/b', shape: [1], dtype: 'float32', quantization: {} }] }] },
			/is quantized/,
		],
		[
			'a weight beyond the end',
			{ weightsManifest: [{ paths: [], weights: [{ name: 'a/b', shape: [1], dtype: 'float32' }] }] },
			/ends at byte 4/,
		],
	])('TensorFlow.js with %s', async (_, json, message) => {
		expect((await refuse(put('model.json', JSON.stringify(json)))).message).toMatch(message);
	});

	it('any JSON as a description is refused in our own words', async () => {
		await fc.assert(
			fc.asyncProperty(fc.dictionary(fc.constantFrom('weightsManifest', 'x'), fc.jsonValue()), async (json) => {
				expect((await refuse(put('model.json', JSON.stringify(json)))).code).toBe('DATA');
			}),
			{ numRuns: 100 },
		);
	});
});
