import { fnv1a, mulberry32 } from '@graft/domain/random';
import type { AugmentationSpec } from '@graft/domain/recipe';
import { type Affine, applyAffine, chain, IDENTITY, mirrorX, mirrorY, rotateBy, shiftBy, zoomBy } from './affine.js';
import type { Box } from './pixels.js';

/** What happens to one image; all that is drawn, in the units of the specification. */
export interface AugmentationDraw {
	readonly mirrorX: boolean;
	readonly mirrorY: boolean;
	/** Shares of width and height, to the right and down. */
	readonly shift: readonly [x: number, y: number];
	/** Of a full turn, counter-clockwise. */
	readonly rotation: number;
	/** Keras' factor, 1 for none. */
	readonly zoom: number;
	/** Added, as a share of the range of values. */
	readonly brightness: number;
	/** Share of each side that is kept, and where: 0 is left or top, 1 right or bottom. */
	readonly crop: { readonly share: number; readonly x: number; readonly y: number };
}

/**
 * Drawn from the key alone (seed, epoch, example), and every number whether it is used or not: a setting that is added
 * changes none of the others.
 */
export function drawAugmentation(spec: AugmentationSpec, key: string): AugmentationDraw {
	const random = mulberry32(fnv1a(`augmentation/${key}`));
	const around = (most: number) => (2 * random() - 1) * most;
	return {
		mirrorX: random() < 0.5 && (spec.flip === 'horizontal' || spec.flip === 'both'),
		mirrorY: random() < 0.5 && (spec.flip === 'vertical' || spec.flip === 'both'),
		shift: [around(spec.shift), around(spec.shift)],
		rotation: around(spec.rotation),
		zoom: 1 + around(spec.zoom),
		brightness: around(spec.brightness),
		crop: { share: 1 - random() * spec.crop, x: random(), y: random() },
	};
}

/** The part of an image that is looked at: whole pixels. */
export function cropBox({ crop }: AugmentationDraw, width: number, height: number): Box {
	const size = {
		width: Math.max(1, Math.round(crop.share * width)),
		height: Math.max(1, Math.round(crop.share * height)),
	};
	const left = Math.round(crop.x * (width - size.width));
	const top = Math.round(crop.y * (height - size.height));
	return { left, top, ...size };
}

/** Mirrored, then shifted, turned and zoomed, each about what the ones before left; in one interpolation. */
export function affineOf(draw: AugmentationDraw, width: number, height: number): Affine {
	let affine: Affine = IDENTITY;
	if (draw.mirrorX) affine = chain(affine, mirrorX(width));
	if (draw.mirrorY) affine = chain(affine, mirrorY(height));
	affine = chain(affine, shiftBy(draw.shift[0] * width, draw.shift[1] * height));
	affine = chain(affine, rotateBy(2 * Math.PI * draw.rotation, width, height));
	return chain(affine, zoomBy(draw.zoom, width, height));
}

/** Everything but the crop, on an image whose values go from 0 to `range`. */
export function augment(
	values: Float32Array,
	shape: readonly [height: number, width: number, channels: number],
	draw: AugmentationDraw,
	{ fill, fillValue }: Pick<AugmentationSpec, 'fill' | 'fillValue'>,
	range: number,
): Float32Array {
	const [height, width, channels] = shape;
	const affine = affineOf(draw, width, height);
	const isStill = affine.every((one, at) => one === IDENTITY[at]);
	const moved = isStill ? values : applyAffine(values, { height, width, channels }, affine, fill, fillValue * range);
	if (draw.brightness === 0) return moved;
	const delta = draw.brightness * range;
	return moved.map((value) => Math.min(Math.max(value + delta, 0), range));
}
