import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { inspectDataset, loadDataset } from '../../dataset/index.js';
import { pick, sourceOf } from '../../run/example-source.js';
import { REVIEWS } from './reviews.js';

/** Every fifth review is for validation. */
const FIFTH = 5;
const SCALE = 8;

/** The handwritten digits as pictures, a folder a digit: so many of each. */
export async function writePictures(folder: string, perClass: number): Promise<string> {
	const source = {
		uri: 'builtin:optdigits',
		format: 'csv-image',
		options: { shape: [8, 8, 1], scale: 16, label: 'digit' },
	};
	const { version } = await inspectDataset(source);
	const { classes, splits } = await loadDataset({ ...source, version });
	const { labels, count } = splits.train;
	for (const [label, name] of classes.entries()) {
		await mkdir(path.join(folder, `digit ${name}`), { recursive: true });
		const own = Array.from({ length: count }, (_, index) => index).filter((index) => labels[index] === label);
		const { values } = await pick(sourceOf(splits.train, [8, 8, 1]), own.slice(0, perClass));
		for (let index = 0; index < perClass; index++) {
			const grey = Buffer.from(values.subarray(index * 64, (index + 1) * 64).map((value) => Math.round(value * 255)));
			const picture = sharp(grey, { raw: { width: 8, height: 8, channels: 1 } })
				.resize({ width: 8 * SCALE, height: 8 * SCALE, kernel: 'nearest' })
				.toColourspace('srgb');
			await picture.png().toFile(path.join(folder, `digit ${name}`, `${String(index).padStart(3, '0')}.png`));
		}
	}
	return pathToFileURL(folder).href;
}

/** train.csv and validation.csv. */
export async function writeReviews(folder: string): Promise<string> {
	await mkdir(folder, { recursive: true });
	const lines = (isWanted: (index: number) => boolean) =>
		[
			'text,label',
			...REVIEWS.filter((_, index) => isWanted(index)).map(({ text, label }) => `"${text}",${label}`),
		].join('\n');
	const isValidation = (index: number) => index % FIFTH === 0;
	await writeFile(
		path.join(folder, 'train.csv'),
		lines((index) => !isValidation(index)),
	);
	await writeFile(path.join(folder, 'validation.csv'), lines(isValidation));
	return pathToFileURL(folder).href;
}
