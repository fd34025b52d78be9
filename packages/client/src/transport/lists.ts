/** A FloatList or IntList as an answer carries it: numbers (NaN and infinities as words), or base64 of float64 LE. */
export type WireList = string | readonly (number | string)[];

/** Reads either form. Ask for `packed: true` on long lists: a third of the bytes and no parsing of numbers. */
export function decodeList(list: WireList): Float64Array {
	if (typeof list !== 'string') return Float64Array.from(list, Number);
	const bytes = Uint8Array.from(atob(list), (char) => char.charCodeAt(0));
	const view = new DataView(bytes.buffer);
	return Float64Array.from({ length: bytes.length / 8 }, (_, index) => view.getFloat64(index * 8, true));
}

/** The JSON form: numbers, and words for what JSON cannot say. */
export function encodeList(values: Iterable<number>): (number | string)[] {
	return Array.from(values, (value) => (Number.isFinite(value) ? value : String(value)));
}
