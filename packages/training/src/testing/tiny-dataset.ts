import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mulberry32 } from '@graft/domain/random';
import type { RunSpec } from '@graft/domain/run';
import { registered } from './run-spec.js';

/** Noisy 4 x 4 images of two classes, bright at the top or at the bottom: learned in a few steps. */
export function tinyCsv(perClass: number, seed = 1, shift = (cell: number) => cell): string {
	const random = mulberry32(seed);
	const header = [...Array(16).keys()].map((cell) => `p${cell}`).join(',');
	const rows = [...Array(perClass * 2).keys()].map((index) => {
		const top = index % 2 === 0;
		const cells = [...Array(16).keys()].map((cell) => shift(Math.floor(random() * 4 + (cell < 8 === top ? 6 : 0))));
		return `${cells.join(',')},${top ? 'top' : 'bottom'}`;
	});
	return [`${header},label`, ...rows].join('\n');
}

export const TINY_OPTIONS = { shape: [4, 4, 1], scale: 10 };

/** A file for the time of a test. */
export function temporaryFile(name: string, text: string | Uint8Array): { uri: string; remove: () => void } {
	const folder = mkdtempSync(join(tmpdir(), 'graft-training-'));
	const file = join(folder, name);
	writeFileSync(file, text);
	return { uri: pathToFileURL(file).href, remove: () => rmSync(folder, { recursive: true }) };
}

/** `shift` moves each cell: the same images under another light. */
export async function tinyDataset(
	perClass: number,
	shift?: (cell: number) => number,
): Promise<{ dataset: RunSpec['dataset']; remove: () => void }> {
	const { uri, remove } = temporaryFile('tiny.csv', tinyCsv(perClass, 1, shift));
	return { dataset: await registered({ uri, format: 'csv-image', options: TINY_OPTIONS }, 'tiny'), remove };
}
