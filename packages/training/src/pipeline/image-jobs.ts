import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { GraftError } from '@graft/domain/error';
import type { AugmentationSpec } from '@graft/domain/recipe';
import { augment, cropBox, drawAugmentation } from '../images/augment.js';
import { decodeImage } from '../images/decode-image.js';
import { type Preprocessing, preprocess } from '../images/preprocess.js';
import { type Interpolation, resize } from '../images/resize.js';

/** Height, width, channels. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** How examples are changed before a look at them; a key for each says what is drawn. */
export interface View {
	readonly augmentation: AugmentationSpec;
	readonly keys: readonly string[];
}

export interface ImageFile {
	readonly file: string;
	/** As people know it. */
	readonly name: string;
	/** What its content was when it was registered. */
	readonly sha256: string;
}

/** What a thread can be asked for. */
export type ImageJob =
	/** What is there to know about files that nobody has looked at. */
	| { readonly kind: 'scan'; readonly files: readonly string[] }
	/** Inputs for the network, one after the other. */
	| {
			readonly kind: 'decode';
			readonly files: readonly ImageFile[];
			readonly shape: ImageShape;
			readonly interpolation: Interpolation;
			readonly preprocessing: Preprocessing;
			readonly view: View | null;
	  }
	/** Images that were in memory already, from 0 to 1. */
	| { readonly kind: 'augment'; readonly values: Float32Array; readonly shape: ImageShape; readonly view: View };

export type ImageScan =
	| { readonly sha256: string; readonly bytes: number; readonly width: number; readonly height: number }
	| { readonly reason: string };

export async function runImageJob(job: ImageJob): Promise<ImageScan[] | Float32Array> {
	if (job.kind === 'scan') {
		const scans: ImageScan[] = [];
		for (const file of job.files) scans.push(await scan(file));
		return scans;
	}
	const [height, width, channels] = job.shape;
	const size = height * width * channels;
	const count = job.kind === 'decode' ? job.files.length : job.values.length / size;
	const inputs = new Float32Array(count * size);
	for (let index = 0; index < count; index++) {
		const one =
			job.kind === 'augment'
				? view(job.values.subarray(index * size, (index + 1) * size), job.shape, job.view, index)
				: await decode(job, job.files[index] as ImageFile, index);
		inputs.set(one, index * size);
	}
	return inputs;
}

async function scan(file: string): Promise<ImageScan> {
	try {
		const bytes = await readFile(file);
		// All of its pixels: a file that was cut off has a header as good as any.
		const { width, height } = await decodeImage(bytes, 3);
		return { sha256: digestOf(bytes), bytes: bytes.length, width, height };
	} catch (error) {
		return { reason: (error as Error).message };
	}
}

type DecodeJob = Extract<ImageJob, { kind: 'decode' }>;

async function decode(job: DecodeJob, { file, name, sha256 }: ImageFile, index: number): Promise<Float32Array> {
	const [height, width, channels] = job.shape;
	const bytes = await readFile(file).catch((cause: Error) => {
		throw new GraftError('DATA', `The image ${name} cannot be read: ${cause.message}.`, { name }, { cause });
	});
	if (digestOf(bytes) !== sha256) {
		const message = `The image ${name} has changed since it was registered: register the data again as a new data set.`;
		throw new GraftError('DATA', message, { name });
	}
	const pixels = await decodeImage(bytes, channels);
	const draw = job.view && drawAugmentation(job.view.augmentation, job.view.keys[index] ?? '');
	const box = draw === null ? undefined : cropBox(draw, pixels.width, pixels.height);
	const resized = resize(pixels, height, width, job.interpolation, box);
	const seen =
		draw === null || job.view === null ? resized : augment(resized, job.shape, draw, job.view.augmentation, 255);
	return preprocess(seen, job.preprocessing);
}

function view(values: Float32Array, shape: ImageShape, { augmentation, keys }: View, index: number): Float32Array {
	const [height, width, channels] = shape;
	const draw = drawAugmentation(augmentation, keys[index] ?? '');
	const cropped =
		draw.crop.share === 1
			? values
			: resize({ width, height, channels, values }, height, width, 'bilinear', cropBox(draw, width, height));
	return augment(cropped, shape, draw, augmentation, 1);
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
