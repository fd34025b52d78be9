import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { root } from './process.js';

/** The handwritten digits of these classes as PNG files, a subfolder a class; `perClass` of each. */
export async function writePictures(folder: string, classes: readonly string[], perClass: number): Promise<void> {
	const [header = '', ...rows] = readFileSync(path.join(root, 'packages/training/data/optdigits.csv'), 'utf8')
		.trim()
		.split(/\r?\n/);
	const label = header.split(',').indexOf('digit');
	for (const name of classes) {
		const own = rows.map((row) => row.split(',')).filter((cells) => cells[label] === name);
		await mkdir(path.join(folder, name), { recursive: true });
		for (const [index, cells] of own.slice(0, perClass).entries()) {
			// 16 levels of grey, spread over what a PNG has.
			const pixels = Buffer.from(cells.filter((_, at) => at !== label).map((cell) => Math.min(255, Number(cell) * 16)));
			const png = sharp(pixels, { raw: { width: 8, height: 8, channels: 1 } }).png();
			await writeFile(path.join(folder, name, `${index}.png`), await png.toBuffer());
		}
	}
}
