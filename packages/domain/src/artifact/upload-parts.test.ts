import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countParts, partRange, UPLOAD_PART_BYTES } from './upload-parts.js';

it('parts cover a file without a gap, and all but the last are whole', () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 40 * 2 ** 30 }), (bytes) => {
			const count = countParts(bytes);
			expect(count).toBeLessThanOrEqual(5120);
			const last = partRange(bytes, count);
			expect(last.offset + last.bytes).toBe(bytes);
			expect(last.offset).toBe((count - 1) * UPLOAD_PART_BYTES);
			if (count > 1) expect(partRange(bytes, 1)).toEqual({ number: 1, offset: 0, bytes: UPLOAD_PART_BYTES });
			expect(last.bytes > 0 || bytes === 0).toBe(true);
		}),
	);
	// S3 refuses parts below 5 MiB, but for the last.
	expect(UPLOAD_PART_BYTES).toBeGreaterThanOrEqual(5 * 2 ** 20);
});
