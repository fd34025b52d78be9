import type { Architecture } from './architecture.js';
import { bert } from './bert.js';
import { distilbert } from './distilbert.js';
import { gpt2 } from './gpt2.js';
import type { TransformerSize } from './transformer-size.js';

/** Families of Transformers that come in any size. */
export const TRANSFORMER_FAMILIES = { bert, distilbert, gpt2 } as const;
export type TransformerFamily = keyof typeof TRANSFORMER_FAMILIES;

export type Sizes = Pick<TransformerSize, 'layers' | 'hidden' | 'heads' | 'feedForward' | 'vocabulary' | 'positions'>;

/** Letters as in the names of Google's small BERTs, and the largest that is taken. */
const PARTS: readonly (readonly [letter: string, size: keyof Sizes, largest: number])[] = [
	['L', 'layers', 128],
	['H', 'hidden', 16_384],
	['A', 'heads', 256],
	['F', 'feedForward', 65_536],
	['V', 'vocabulary', 1_000_000],
	['P', 'positions', 65_536],
];
/** The last part, dropout in percent, stands only where it is not the families' own. */
const NAME = new RegExp(
	`^(bert|distilbert|gpt2)${PARTS.map(([letter]) => `-${letter}(\\d{1,7})`).join('')}(?:-D(\\d{1,2}))?$`,
);
const DEFAULT_LENGTH = 128;
const DEFAULT_DROPOUT = 0.1;

export function sizedName(family: TransformerFamily, sizes: Sizes, dropout = DEFAULT_DROPOUT): string {
	const parts = [family, ...PARTS.map(([letter, size]) => `${letter}${sizes[size]}`)];
	return [...parts, ...(dropout === DEFAULT_DROPOUT ? [] : [`D${Math.round(100 * dropout)}`])].join('-');
}

/** A Transformer whose name says its size, or null where the name, or a size in it, is none. */
export function sizedArchitecture(name: string): Architecture | null {
	const [, family, ...numbers] = NAME.exec(name) ?? [];
	if (family === undefined) return null;
	const sizes = Object.fromEntries(PARTS.map(([, size], index) => [size, Number(numbers[index])])) as unknown as Sizes;
	const dropout = numbers[PARTS.length] === undefined ? DEFAULT_DROPOUT : Number(numbers[PARTS.length]) / 100;
	const fits = PARTS.every(([, size, largest]) => sizes[size] >= 1 && sizes[size] <= largest);
	if (!fits || sizes.hidden % sizes.heads !== 0 || sizedName(family as TransformerFamily, sizes, dropout) !== name)
		return null;
	const defaultLength = Math.min(DEFAULT_LENGTH, sizes.positions);
	return TRANSFORMER_FAMILIES[family as TransformerFamily]({
		...{ name, ...sizes, dropout, defaultLength, canDownload: false },
	});
}
