import path from 'node:path';
import type { Preprocessing } from '../../images/preprocess.js';
import type { ImageShape } from '../../pipeline/image-jobs.js';
import { imagePool } from '../../pipeline/image-pool.js';
import type { DatasetAccess } from '../dataset-format.js';
import type { Examples } from '../dataset-spec.js';
import type { ImageFolderOptions } from './image-folder-options.js';
import type { ManifestEntry } from './manifest.js';

interface ImageExamples {
	readonly inputShape: ImageShape;
	readonly preprocessing: Preprocessing;
	readonly examples: (entries: readonly ManifestEntry[]) => Examples;
}

/** Examples whose images are decoded when they are asked for, each compared with the digest that it was registered by. */
export function imageReader(folder: string, options: ImageFolderOptions, access: DatasetAccess): ImageExamples {
	const [height, width] = options.size;
	const shape = [height, width, options.color === 'rgb' ? 3 : 1] as const;
	const preprocessing =
		options.preprocessing === 'backbone' ? ((access.preprocessing ?? 'unit') as Preprocessing) : options.preprocessing;
	const pool = imagePool(access.threads);
	return {
		inputShape: shape,
		preprocessing,
		examples: (entries) => ({
			count: entries.length,
			labels: Int32Array.from(entries, ({ label }) => label ?? 0),
			inputs: {
				// As many under way as threads, and one more that waits for its turn.
				ahead: pool.threads + 1,
				read: (positions, view) =>
					pool.read({
						kind: 'decode',
						files: positions.map((position) => {
							const { path: name, sha256 } = entries[position] as ManifestEntry;
							return { file: path.join(folder, name), name, sha256 };
						}),
						shape,
						interpolation: options.interpolation,
						preprocessing,
						view,
					}),
			},
		}),
	};
}
