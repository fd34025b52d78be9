import { type Box, type Pixels, wholeOf } from './pixels.js';

export const INTERPOLATIONS = ['bilinear', 'nearest'] as const;
export type Interpolation = (typeof INTERPOLATIONS)[number];

/**
 * The box of an image as height x width floats, sampled at the centres of pixels without smoothing: `tf.image.resize`, as
 * Keras' image_dataset_from_directory calls it; `nearest` is also Pillow's, as flow_from_directory does.
 */
export function resize(
	image: Pixels,
	height: number,
	width: number,
	interpolation: Interpolation,
	box: Box = wholeOf(image),
): Float32Array {
	const { channels, values } = image;
	const rows = taps(height, box.height, box.top, interpolation);
	const columns = taps(width, box.width, box.left, interpolation);
	const output = new Float32Array(height * width * channels);
	let at = 0;
	for (const row of rows) {
		const [upper, lower] = [row.first * image.width, row.second * image.width];
		for (const column of columns) {
			for (let channel = 0; channel < channels; channel++) {
				const pick = (pixel: number) => values[pixel * channels + channel] ?? 0;
				const [a, b] = [pick(upper + column.first), pick(upper + column.second)];
				const [c, d] = [pick(lower + column.first), pick(lower + column.second)];
				const top = a + (b - a) * column.share;
				const bottom = c + (d - c) * column.share;
				output[at++] = top + (bottom - top) * row.share;
			}
		}
	}
	return output;
}

/** The two pixels that one of the output lies between, and how far it is on the way to the second. */
interface Tap {
	readonly first: number;
	readonly second: number;
	readonly share: number;
}

function taps(size: number, from: number, offset: number, interpolation: Interpolation): Tap[] {
	const scale = from / size;
	return Array.from({ length: size }, (_, index) => {
		if (interpolation === 'nearest') {
			const nearest = offset + Math.min(Math.floor((index + 0.5) * scale), from - 1);
			return { first: nearest, second: nearest, share: 0 };
		}
		const place = (index + 0.5) * scale - 0.5;
		const floor = Math.floor(place);
		return {
			first: offset + Math.max(floor, 0),
			second: offset + Math.min(Math.ceil(place), from - 1),
			share: place - floor,
		};
	});
}
