import type { FillMode } from '@graft/domain/recipe';

/** Where a pixel (x, y) of the output is read: (a x + b y + c, d x + e y + f). */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export const IDENTITY: Affine = [1, 0, 0, 0, 1, 0];

/** Reads through `first` what `second` reads: the image that `second` makes of the image that `first` makes. */
export function chain(first: Affine, second: Affine): Affine {
	const [a, b, c, d, e, f] = first;
	const [g, h, i, j, k, l] = second;
	return [a * g + b * j, a * h + b * k, a * i + b * l + c, d * g + e * j, d * h + e * k, d * i + e * l + f];
}

/** Right and down by so many pixels. */
export const shiftBy = (x: number, y: number): Affine => [1, 0, -x, 0, 1, -y];

/** Counter-clockwise, as one looks at the image, about its middle. */
export function rotateBy(radians: number, width: number, height: number): Affine {
	const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
	return aboutMiddle([cos, -sin, 0, sin, cos, 0], width, height);
}

/** By Keras' factor: 1.2 shows a fifth more of the surroundings, .8 a fifth less of the image. */
export const zoomBy = (factor: number, width: number, height: number): Affine =>
	aboutMiddle([factor, 0, 0, 0, factor, 0], width, height);

export const mirrorX = (width: number): Affine => [-1, 0, width - 1, 0, 1, 0];
export const mirrorY = (height: number): Affine => [1, 0, 0, 0, -1, height - 1];

function aboutMiddle(affine: Affine, width: number, height: number): Affine {
	const [x, y] = [(width - 1) / 2, (height - 1) / 2];
	return chain(chain(shiftBy(-x, -y), affine), shiftBy(x, y));
}

/**
 * The image through the map, by bilinear interpolation: TensorFlow's ImageProjectiveTransformV3, which Keras' random layers
 * use. What lies outside is the mirrored image (`reflect`), its edge (`nearest`), its other side (`wrap`) or `fill`.
 */
export function applyAffine(
	values: Float32Array,
	{ height, width, channels }: { readonly height: number; readonly width: number; readonly channels: number },
	[a, b, c, d, e, f]: Affine,
	mode: FillMode,
	fill: number,
): Float32Array {
	const output = new Float32Array(values.length);
	const read = (x: number, y: number, channel: number): number =>
		x >= 0 && y >= 0 && x < width && y < height ? (values[(y * width + x) * channels + channel] ?? fill) : fill;
	let at = 0;
	for (let row = 0; row < height; row++) {
		for (let column = 0; column < width; column++) {
			const x = inside(a * column + b * row + c, width, mode);
			const y = inside(d * column + e * row + f, height, mode);
			const [left, top] = [Math.floor(x), Math.floor(y)];
			const [right, down] = [x - left, y - top];
			for (let channel = 0; channel < channels; channel++) {
				const upper = (1 - right) * read(left, top, channel) + right * read(left + 1, top, channel);
				const lower = (1 - right) * read(left, top + 1, channel) + right * read(left + 1, top + 1, channel);
				output[at++] = (1 - down) * upper + down * lower;
			}
		}
	}
	return output;
}

/** TensorFlow's MapCoordinate. */
function inside(place: number, size: number, mode: FillMode): number {
	if (mode === 'constant' || (place >= 0 && place <= size - 1)) return place;
	if (size === 1) return 0;
	if (mode === 'nearest') return clamp(place, size);
	if (mode === 'wrap') {
		const rounds = Math.trunc(Math.abs(place) / (size - 1));
		return clamp(place < 0 ? place + size * (rounds + 1) : place - size * rounds, size);
	}
	const twice = 2 * size;
	if (place < 0) {
		const near = twice * Math.trunc(-place / twice) + place;
		return clamp(near < -size ? near + twice : -near - 1, size);
	}
	const near = place - twice * Math.trunc(place / twice);
	return clamp(near >= size ? twice - near - 1 : near, size);
}

const clamp = (place: number, size: number): number => Math.min(Math.max(place, 0), size - 1);
