import { crc32, deflateSync } from 'node:zlib';
import { parseTraining } from '@graft/domain/recipe';
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import vectors from '../../vectors/images.json';
import { expectClose } from '../testing/numeric-gradient.js';
import { applyAffine, chain, IDENTITY, rotateBy, shiftBy, zoomBy } from './affine.js';
import { affineOf, augment, cropBox, drawAugmentation } from './augment.js';
import { decodeImage } from './decode-image.js';
import { preprocess } from './preprocess.js';
import { resize } from './resize.js';

const facts = vectors as {
	images: { name: string; file: string; shape: number[]; [resized: string]: unknown }[];
	augmentation: {
		image: number[];
		shape: [number, number, number];
		layers: { name: string; fill: 'reflect'; values: number[] }[];
		together: number[];
		brightness: number[];
	};
	preprocessing: Record<'pixels' | 'caffe' | 'tf' | 'torch', number[]>;
};
const bytesOf = (file: string) => new Uint8Array(Buffer.from(file, 'base64'));
const expectNear = (ours: ArrayLike<number>, theirs: readonly number[], tolerance: number) => {
	expect(ours.length).toBe(theirs.length);
	expect(Math.max(...theirs.map((value, at) => Math.abs(value - (ours[at] ?? Number.NaN))))).toBeLessThan(tolerance);
};
const augmentationOf = (given: object) => {
	const training = parseTraining({ augmentation: given });
	if ('field' in training || training.augmentation == null) throw new Error('no augmentation');
	return training.augmentation;
};

describe.each(facts.images)('$name', ({ name, file, shape, ...resized }) => {
	// JPEG's inverse transform may round either way; everything else is exact.
	const tolerance = name.endsWith('jpg') ? 3 : 1e-3;

	it.each(['bilinear', 'nearest'] as const)('comes as TensorFlow decodes and resizes it, %s', async (kind) => {
		const pixels = await decodeImage(bytesOf(file), 3);
		expect([pixels.height, pixels.width, pixels.channels]).toEqual(shape);
		const ours = resize(pixels, 8, 10, kind);
		expectNear(ours, resized[kind] as number[], tolerance);
	});

	it('comes as Pillow brings it to a size without smoothing, and to grey', async () => {
		const nearest = resize(await decodeImage(bytesOf(file), 3), 8, 10, 'nearest');
		const { values: luma } = await decodeImage(bytesOf(file), 1);
		for (const [ours, theirs] of [
			[nearest, resized.pillowNearest as number[]],
			[luma, resized.luma as number[]],
		] as const) {
			expectNear(ours, theirs, tolerance);
		}
	});
});

test.each(['caffe', 'tf', 'torch'] as const)('%s is the preprocessing that Keras means by it', (mode) => {
	expectClose(preprocess(Float32Array.from(facts.preprocessing.pixels), mode), facts.preprocessing[mode], 1e-5);
});

describe('an augmentation', () => {
	const { image, shape, layers, together, brightness } = facts.augmentation;
	const [height, width, channels] = shape;
	const values = Float32Array.from(image);
	const size = { height, width, channels };
	const maps: Record<string, ReturnType<typeof rotateBy>> = {
		rotation: rotateBy(2 * Math.PI * 0.1, width, height),
		'half turn': rotateBy(2 * Math.PI * -0.45, width, height),
		shift: shiftBy(-0.3 * width, 0.25 * height),
		'far shift': shiftBy(0.8 * width, -0.9 * height),
		'zoom out': zoomBy(1.4, width, height),
		'zoom in': zoomBy(0.65, width, height),
	};

	it.each(layers)('is what Keras’ layer makes: $name, $fill', ({ name, fill, values: theirs }) => {
		expectClose(applyAffine(values, size, maps[name] ?? IDENTITY, fill, 0.5), theirs, 2e-4);
	});

	it('mirrors, shifts, turns and zooms in one interpolation, in this order', () => {
		const draw = {
			...{ mirrorX: true, mirrorY: false, shift: [0.1, -0.2] as const, rotation: 0.07, zoom: 0.8, brightness: 0 },
			crop: { share: 1, x: 0, y: 0 },
		};
		expectClose(augment(values, shape, draw, { fill: 'reflect', fillValue: 0 }, 1), together, 2e-4);
		expect(affineOf({ ...draw, mirrorX: false, shift: [0, 0], rotation: 0, zoom: 1 }, width, height)).toEqual(IDENTITY);
		expect(chain(IDENTITY, shiftBy(1, 2))).toEqual(shiftBy(1, 2));
	});

	it('adds light within the range of values', () => {
		const still = drawAugmentation(augmentationOf({}), 'key');
		const lit = augment(values, shape, { ...still, brightness: 0.3 }, { fill: 'reflect', fillValue: 0 }, 1);
		expectClose(lit, brightness, 1e-5);
	});

	it('draws from the key alone, within its limits, and one setting moves no other', () => {
		const all = { flip: 'both', shift: 0.2, rotation: 0.1, zoom: 0.3, brightness: 0.4, crop: 0.5 };
		fc.assert(
			fc.property(fc.string(), (key) => {
				const draw = drawAugmentation(augmentationOf(all), key);
				expect(drawAugmentation(augmentationOf(all), key)).toEqual(draw);
				expect(drawAugmentation(augmentationOf({ zoom: 0.3 }), key).zoom).toBe(draw.zoom);
				for (const [one, most] of [
					[draw.shift[0], 0.2],
					[draw.shift[1], 0.2],
					[draw.rotation, 0.1],
					[draw.zoom - 1, 0.3],
					[draw.brightness, 0.4],
				] as const) {
					expect(Math.abs(one)).toBeLessThanOrEqual(most);
				}
				const box = cropBox(draw, 40, 20);
				expect(box.width).toBeGreaterThanOrEqual(20);
				expect(box.left + box.width).toBeLessThanOrEqual(40);
				expect(box.top + box.height).toBeLessThanOrEqual(20);
			}),
		);
		const mirrored = Array.from({ length: 400 }, (_, key) => drawAugmentation(augmentationOf(all), `${key}`).mirrorX);
		expect(Math.abs(mirrored.filter((one) => one).length - 200)).toBeLessThan(60);
	});

	it('crops whole pixels', () => {
		const pixels = { width: 3, height: 2, channels: 1, values: Uint8Array.of(1, 2, 3, 4, 5, 6) };
		expect([...resize(pixels, 1, 2, 'bilinear', { left: 1, top: 1, width: 2, height: 1 })]).toEqual([5, 6]);
	});
});

/** A black square of one bit a pixel. */
function blackPng(side: number): Buffer {
	const chunk = (name: string, content: Buffer) => {
		const named = Buffer.concat([Buffer.from(name), content]);
		const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
		length.writeUInt32BE(content.length);
		check.writeUInt32BE(crc32(named));
		return Buffer.concat([length, named, check]);
	};
	const header = Buffer.alloc(13);
	header.writeUInt32BE(side, 0);
	header.writeUInt32BE(side, 4);
	header.writeUInt8(1, 8);
	const rows = deflateSync(Buffer.alloc(side * (1 + Math.ceil(side / 8))));
	const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
	return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

describe('what cannot be decoded', () => {
	const photo = bytesOf(facts.images.find(({ name }) => name === 'photo.jpg')?.file ?? '');
	const png = bytesOf(facts.images.find(({ name }) => name === 'rgb.png')?.file ?? '');

	it('is refused by its name: cut off, empty, no image', async () => {
		await expect(decodeImage(photo.slice(0, photo.length / 2), 3)).rejects.toMatchObject({ code: 'DATA' });
		await expect(decodeImage(png.slice(0, -30), 3)).rejects.toMatchObject({ code: 'DATA' });
		await expect(decodeImage(new Uint8Array(), 3)).rejects.toMatchObject({ code: 'DATA' });
		await expect(decodeImage(Buffer.from('a text'), 3)).rejects.toThrowError(/unsupported image format/);
	});

	it('is refused by its header where its pixels would not fit: 20,000 x 20,000 in a small file', async () => {
		const bomb = blackPng(20_000);
		expect(bomb.length).toBeLessThan(2e6);
		const before = process.memoryUsage.rss();
		await expect(decodeImage(bomb, 3)).rejects.toThrowError(/20000 x 20000 pixels, and 50000000 are the most/);
		expect(process.memoryUsage.rss() - before).toBeLessThan(200e6);
		expect(await decodeImage(blackPng(40), 3)).toMatchObject({ width: 40, height: 40 });
	});

	it('never ends the process: random bytes, and images with some of their bytes changed', async () => {
		const changed = fc
			.record({
				file: fc.constantFrom(...facts.images.map(({ file }) => file)),
				changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 12 }),
				length: fc.double({ min: 0.2, max: 1, noNaN: true }),
			})
			.map(({ file, changes, length }) => {
				const bytes = bytesOf(file);
				for (const [at, value] of changes) bytes[at % bytes.length] = value;
				return bytes.slice(0, Math.ceil(length * bytes.length));
			});
		await fc.assert(
			fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), changed), async (bytes) => {
				const outcome = await decodeImage(bytes, 3).catch((error: unknown) => error);
				if (outcome instanceof Error) expect(outcome).toMatchObject({ name: 'GraftError', code: 'DATA' });
				else expect((outcome as { values: Uint8Array }).values.length).toBeGreaterThan(0);
			}),
			{ numRuns: 300 },
		);
	}, 60_000);
});
