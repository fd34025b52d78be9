import type { MetricBatch, MetricPoints } from '@graft/domain/metric';
import { ByteReader, ByteWriter } from './byte-stream.js';
import { decodeFloats, decodeIntegers, encodeFloats, encodeIntegers } from './chunk-codec.js';

export type KeyedPoints = MetricPoints & { readonly key: string };

/** A whole batch as one value: series after series, each with its key, its count and its three lists; times in whole milliseconds. */
export function encodeBatch(series: MetricBatch['series']): Buffer {
	const out = new ByteWriter();
	for (const { key, steps, values, times } of series) {
		out.run(Buffer.from(key));
		out.varint(steps.length);
		out.run(encodeIntegers(steps));
		out.run(encodeIntegers(times.every(Number.isInteger) ? times : times.map(Math.round)));
		out.raw(encodeFloats(values));
	}
	return out.finish();
}

/** The series of a batch in the order in which they were sent; with `keys` only these, and the others are skipped over. */
export function decodeBatch(body: Buffer, keys: ReadonlySet<string> | null = null): KeyedPoints[] {
	const from = new ByteReader(body);
	const series: KeyedPoints[] = [];
	while (!from.done) {
		const key = from.run().toString();
		const count = from.varint();
		const [steps, times, values] = [from.run(), from.run(), from.raw(count * 8)];
		if (keys !== null && !keys.has(key)) continue;
		series.push({
			key,
			steps: decodeIntegers(steps, count),
			times: decodeIntegers(times, count),
			values: decodeFloats(values, count),
		});
	}
	return series;
}
