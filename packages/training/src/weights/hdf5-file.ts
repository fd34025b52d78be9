import { stat } from 'node:fs/promises';
import { GraftError } from '@graft/domain/error';
import type { Dataset, File, Group } from 'h5wasm/node';
import { brokenFile, type FileTensor, PIECE_BYTES, sizeOf } from './weight-file.js';

/** deflate gains no more than this. */
const MOST_COMPRESSION = 1_032;
/** A chunk is decompressed as a whole. */
const MAX_CHUNK_BYTES = 256 * 2 ** 20;
const FLOAT_CLASS = 1;

/** A group or dataset of an HDF5 file, or null where there is none. */
export interface Hdf5 {
	readonly file: string;
	group(path: string): Group | null;
	/** A tensor's place. @throws GraftError DATA for what is no dataset of plain floats in this file. */
	dataset(path: string): Pick<FileTensor, 'shape' | 'dtype' | 'read'>;
	/** A list of texts, also where Keras had to split it over several attributes; null where there is none. */
	texts(group: Group, attribute: string): readonly string[] | null;
	close(): Promise<void>;
}

/** Opens an HDF5 file; it stays on disk. @throws GraftError DATA. */
export async function openHdf5(file: string): Promise<Hdf5> {
	const { size } = await stat(file);
	const h5 = (await import('h5wasm/node')).default;
	await h5.ready;
	const root = guard('It is no whole HDF5 file', file, () => new h5.File(file, 'r') as File);
	// The library reports a file that it cannot open by an id below zero, and only sometimes by an error.
	if (root.file_id < 0n) throw brokenFile('It is no whole HDF5 file', file);

	/** Step by step: a link to another file must not be followed. */
	const find = (path: string): Group | Dataset | null => {
		let at: Group = root;
		const parts = path.split('/').filter((part) => part !== '');
		if (parts.some((part) => part === '..' || part === '.')) return null;
		for (const [index, part] of parts.entries()) {
			if (!at.keys().includes(part)) return null;
			if (isLink(at, part)) throw brokenFile(`It refers to another file or place at ${path}`, file);
			const next = at.get(part);
			if (next instanceof h5.Dataset) return index === parts.length - 1 ? next : null;
			if (!(next instanceof h5.Group)) return null;
			at = next;
		}
		return at;
	};
	return {
		file,
		group: (path) =>
			guard('It is broken', file, () => {
				const found = find(path);
				return found instanceof h5.Group ? found : null;
			}),
		dataset: (path) =>
			guard('It is broken', file, () => {
				const found = find(path);
				if (!(found instanceof h5.Dataset)) throw brokenFile(`It has no dataset ${path}`, file);
				return tensorOf(found, path, file, size);
			}),
		texts: (group, attribute) => guard('It is broken', file, () => textsOf(group, attribute, file)),
		close: async () => void root.close(),
	};
}

/** Whether a name stands for something elsewhere, even in another file. */
function isLink(group: Group, name: string): boolean {
	const place = `${group.path === '/' ? '' : group.path}/${name}`;
	return group.get_link(place) !== null || group.get_external_link(place).filename !== undefined;
}

function tensorOf(dataset: Dataset, path: string, file: string, fileBytes: number) {
	const { shape, type, size, littleEndian, chunks, virtual_sources: virtual } = dataset.metadata;
	if (shape === null || type !== FLOAT_CLASS || !littleEndian || (size !== 4 && size !== 8)) {
		throw brokenFile(`Its dataset ${path} does not hold little-endian float32 or float64`, file);
	}
	if (virtual !== undefined) throw brokenFile(`Its dataset ${path} lies in other files`, file);
	const bytes = sizeOf(shape) * size;
	if (bytes > fileBytes * (dataset.filters.length > 0 ? MOST_COMPRESSION : 1)) {
		throw brokenFile(`Its dataset ${path} claims ${bytes} bytes, and the file has ${fileBytes}`, file);
	}
	if (chunks !== null && sizeOf(chunks) * size > MAX_CHUNK_BYTES) {
		throw brokenFile(`Its dataset ${path} has chunks of ${sizeOf(chunks) * size} bytes`, file);
	}
	return {
		shape,
		dtype: size === 4 ? ('F32' as const) : ('F64' as const),
		async *read() {
			const row = sizeOf(shape.slice(1)) * size;
			const rows = Math.max(1, Math.floor(PIECE_BYTES / Math.max(1, row)));
			const count = shape[0] ?? 1;
			for (let at = 0; at < count && bytes > 0; at += rows) {
				const values = guard(`Its dataset ${path} is broken`, file, () =>
					shape.length === 0 ? dataset.value : dataset.slice([[at, Math.min(at + rows, count)]]),
				);
				const view = typeof values === 'number' ? Float32Array.of(values) : values;
				if (!ArrayBuffer.isView(view)) throw brokenFile(`Its dataset ${path} is broken`, file);
				yield new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
			}
		},
	};
}

function textsOf(group: Group, attribute: string, file: string): string[] | null {
	const attributes = group.attrs;
	const names = Object.hasOwn(attributes, attribute)
		? [attribute]
		: Object.keys(attributes)
				.filter((name) => name.startsWith(attribute) && /^\d+$/.test(name.slice(attribute.length)))
				.sort((a, b) => Number(a.slice(attribute.length)) - Number(b.slice(attribute.length)));
	if (names.length === 0) return null;
	return names.flatMap((name) => {
		const value: unknown = attributes[name]?.json_value;
		// An empty list is stored as one of numbers.
		const list = Array.isArray(value) ? value : [value];
		if (list.every((one) => typeof one === 'string')) return list as string[];
		throw brokenFile(`Its attribute ${name} is no list of texts`, file);
	});
}

/** What the library throws, and it throws anything, becomes our own error. */
function guard<T>(what: string, file: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (error instanceof GraftError) throw error;
		throw brokenFile(what, file, error);
	}
}
