import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';

export interface TestFolder {
	readonly folder: string;
	readonly uri: string;
	readonly write: (name: string, content: Uint8Array | string) => void;
	readonly remove: () => void;
}

/** An empty folder for the time of a test. */
export function testFolder(): TestFolder {
	const folder = mkdtempSync(path.join(tmpdir(), 'graft-images-'));
	const write = (name: string, content: Uint8Array | string) => {
		const file = path.join(folder, name);
		mkdirSync(path.dirname(file), { recursive: true });
		writeFileSync(file, content);
	};
	return { folder, uri: pathToFileURL(folder).href, write, remove: () => rmSync(folder, { recursive: true }) };
}

/** A PNG of one grey, with one pixel that tells it from others. */
export function greyPng(grey: number, mark: number, side = 8): Promise<Buffer> {
	const pixels = Buffer.alloc(side * side * 3, grey);
	pixels.writeUInt8(mark % 256, 0);
	pixels.writeUInt8(Math.floor(mark / 256) % 256, 1);
	return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
		.png()
		.toBuffer();
}

/** `perClass` images of each class, dark or light. */
export async function greyFolder(perClass: number, side = 8): Promise<TestFolder> {
	const folder = testFolder();
	for (const [label, name] of ['dark', 'light'].entries()) {
		for (let index = 0; index < perClass; index++) {
			folder.write(
				`${name}/${index}.png`,
				await greyPng(60 + 120 * label + (index % 5) * 8, index + 100 * label, side),
			);
		}
	}
	return folder;
}
