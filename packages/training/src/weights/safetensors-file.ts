import { headerLength, LENGTH_BYTES, parseHeader } from '@graft/domain/safetensors';
import { headerText } from '../safetensors/index.js';
import { openStretches } from './stretch-reader.js';
import type { FileTensor, WeightFile } from './weight-file.js';

const OWN = /^(backbone|head)\//;

/** A safetensors file: Graft's own checkpoint, by its names, else a state dict of Hugging Face. */
export async function openSafetensors(file: string): Promise<WeightFile> {
	const reader = await openStretches(file);
	try {
		const start = await reader.whole(0, Math.min(LENGTH_BYTES, reader.bytes));
		const begin = LENGTH_BYTES + headerLength(start, reader.bytes);
		const { places } = parseHeader(headerText(await reader.whole(LENGTH_BYTES, begin)), reader.bytes - begin);
		const tensors = [...places].map(
			([name, place]): FileTensor => ({
				name,
				shape: place.shape,
				dtype: place.dtype,
				read: () => reader.pieces(begin + place.begin, begin + place.end),
			}),
		);
		const own = tensors.length > 0 && tensors.every(({ name }) => OWN.test(name));
		return {
			format: own ? 'a Graft checkpoint' : 'safetensors',
			naming: own ? 'graft' : 'hugging-face',
			tensors,
			close: () => reader.close(),
		};
	} catch (error) {
		await reader.close();
		throw error;
	}
}
