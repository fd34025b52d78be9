import { thawColor } from '@graft/domain/thaw';
import pc from 'picocolors';

/** What a stream can show: its colour depth in bits, 1 for none (a file, a pipe, NO_COLOR). */
export type ColorDepth = 1 | 4 | 8 | 24;

export function colorDepthOf(stream: NodeJS.WriteStream): ColorDepth {
	return stream.isTTY ? (stream.getColorDepth() as ColorDepth) : 1;
}

/** Ice and ember of the dark palette: they can be read on a light ground too. */
const ICE = '#6CB6E6';
const EMBER = '#FF8A50';
const NEUTRAL = '#9BA6B2';

/** Paints a strategy by its share of learning parameters; null, from scratch, is grey. */
export function paintThaw(text: string, share: number | null, depth: ColorDepth): string {
	return paintHex(text, share === null ? NEUTRAL : thawColor(share, ICE, EMBER), depth);
}

/** A colour in what the terminal can show. With 16 colours the scale would lie, and the text stays as it is. */
export function paintHex(text: string, hex: string, depth: ColorDepth): string {
	const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
	if (depth === 24) return `\x1b[38;2;${red};${green};${blue}m${text}\x1b[39m`;
	if (depth !== 8) return text;
	const cube = (channel: number) => Math.round((channel / 255) * 5);
	return `\x1b[38;5;${16 + 36 * cube(red) + 6 * cube(green) + cube(blue)}m${text}\x1b[39m`;
}

/** Bold and dim for one stream, or nothing. */
export function styleFor(depth: ColorDepth): {
	bold(text: string): string;
	dim(text: string): string;
	bad(text: string): string;
} {
	const { bold, dim, red } = pc.createColors(depth > 1);
	return { bold, dim, bad: red };
}
