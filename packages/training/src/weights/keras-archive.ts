import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GraftError } from '@graft/domain/error';
import { openPromise, type ZipFile } from 'yauzl';
import { openKerasHdf5 } from './keras-hdf5.js';
import { brokenFile, type WeightFile } from './weight-file.js';

const WEIGHTS = 'model.weights.h5';
const MAX_ENTRIES = 1_000;

/**
 * A `.keras` archive. Its weights are unpacked into a folder of their own below `scratch`, which `close` removes.
 * @throws GraftError DATA, also where they would have more than `maxBytes`.
 */
export async function openKerasArchive(file: string, scratch: string, maxBytes: number): Promise<WeightFile> {
	const folder = await mkdtemp(path.join(scratch, 'keras-'));
	const clear = () => rm(folder, { recursive: true, force: true });
	try {
		const unpacked = path.join(folder, WEIGHTS);
		await unpack(file, unpacked, maxBytes);
		const weights = await openKerasHdf5(unpacked);
		return {
			...weights,
			format: 'a Keras 3 model (.keras)',
			close: async () => {
				await weights.close();
				await clear();
			},
		};
	} catch (error) {
		await clear();
		throw error;
	}
}

async function unpack(file: string, to: string, maxBytes: number): Promise<void> {
	let zip: ZipFile | null = null;
	try {
		zip = await openPromise(file, { strictFileNames: true });
		if (zip.entryCount > MAX_ENTRIES) throw brokenFile(`It has ${zip.entryCount} entries`, file);
		// The reader itself refuses names that lead out of the archive, and entries that are longer than they claim.
		for await (const entry of zip.eachEntry()) {
			if (entry.fileName !== WEIGHTS) continue;
			if (entry.uncompressedSize > maxBytes) {
				const claimed = `Its ${WEIGHTS} has ${entry.uncompressedSize} bytes unpacked`;
				throw brokenFile(`${claimed}, and the architecture's weights take ${maxBytes} at the most`, file);
			}
			await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(to, { flags: 'wx' }));
			return;
		}
	} catch (error) {
		if (error instanceof GraftError) throw error;
		throw brokenFile(`It is no whole Keras archive (${error instanceof Error ? error.message : error})`, file, error);
	} finally {
		zip?.close();
	}
	throw brokenFile(`There is no ${WEIGHTS} in it`, file);
}
