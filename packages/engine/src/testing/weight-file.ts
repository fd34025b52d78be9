import { findArchitecture, summarizeBackbone } from '@graft/domain/architecture';

type Entries = Record<string, { dtype: string; shape: readonly number[] }>;

/** A safetensors file of zeros: the weights of an architecture, after `change` had its way with their names and shapes. */
export function weightFile(
	name: string,
	shape: readonly number[],
	change: (entries: Entries) => void = () => undefined,
): Uint8Array {
	const architecture = findArchitecture(name);
	if (architecture === null) throw new Error(`there is no ${name}`);
	const { layers } = summarizeBackbone(architecture, shape).network;
	const entries: Entries = {};
	for (const weight of layers.flatMap(({ weights }) => weights)) {
		entries[`backbone/${weight.name}`] = { dtype: 'F32', shape: weight.shape };
	}
	change(entries);
	let end = 0;
	const header = Object.fromEntries(
		Object.entries(entries).map(([key, entry]) => {
			const begin = end;
			end += (entry.dtype === 'F16' ? 2 : 4) * entry.shape.reduce((product, size) => product * size, 1);
			return [key, { ...entry, data_offsets: [begin, end] }];
		}),
	);
	const text = Buffer.from(JSON.stringify(header));
	const file = Buffer.alloc(8 + text.length + end);
	file.writeBigUInt64LE(BigInt(text.length));
	file.set(text, 8);
	return file;
}
