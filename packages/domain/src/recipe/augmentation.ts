import { number, oneOf, type Rule, type Rules } from './parse-fields.js';

export const FLIPS = ['none', 'horizontal', 'vertical', 'both'] as const;
/** What is seen where an image was moved away: its mirror image, its edge, its other side, or one value. */
export const FILL_MODES = ['reflect', 'nearest', 'wrap', 'constant'] as const;
export type FillMode = (typeof FILL_MODES)[number];

/**
 * How training examples are changed before each look at them, each drawn evenly: Keras' random layers of the same names.
 * Validation and test see them as they are.
 */
export interface AugmentationSpec {
	/** By one half of a chance each. */
	readonly flip: (typeof FLIPS)[number];
	/** Up to this share of width and of height, either way. */
	readonly shift: number;
	/** Up to this share of a full turn, either way. */
	readonly rotation: number;
	/** Keras' factor: the area that is seen has 1 - zoom to 1 + zoom times the sides. */
	readonly zoom: number;
	/** Up to this share of the range of values is added or taken away. */
	readonly brightness: number;
	/** A part with 1 - crop to 1 of each side, anywhere in the picture as it was stored, brought to the input's size. */
	readonly crop: number;
	readonly fill: FillMode;
	/** Of `constant`, as a share of the range of values. */
	readonly fillValue: number;
	/** So many versions of each example, the same in every run, take turns by epoch; null: another one in each epoch. */
	readonly copies: number | null;
}

const copies: Rule<number | null> = {
	otherwise: null,
	allows: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1000,
	says: 'a whole number from 1 to 1000, or nothing for a new version in each epoch',
};

export const AUGMENTATION: Rules<AugmentationSpec> = {
	flip: oneOf(FLIPS, 'none'),
	shift: number(0, 0, 1),
	rotation: number(0, 0, 1),
	zoom: number(0, 0, 1, ')'),
	brightness: number(0, 0, 1),
	crop: number(0, 0, 1, ')'),
	fill: oneOf(FILL_MODES, 'reflect'),
	fillValue: number(0, 0, 1),
	copies,
};
