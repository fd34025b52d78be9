import { GraftError } from '@graft/domain/error';
import sharp from 'sharp';
import type { Pixels } from './pixels.js';

/**
 * Pixels that an image may have. A PNG of a few kilobytes can unpack to gigabytes; 50 million are a camera's 8,660 x 5,773,
 * and 150 MB while they are decoded.
 */
export const MAX_PIXELS = 50_000_000;

// Threads are ours to choose: each worker decodes one image at a time, and nothing is looked at twice.
sharp.concurrency(1);
sharp.cache(false);

export interface ImageSize {
	readonly width: number;
	readonly height: number;
}

/** Width and height by the header alone. @throws GraftError DATA where it is no image, or one that is too large. */
export async function readImageSize(bytes: Uint8Array): Promise<ImageSize> {
	// Without the guard, which would not say how large it is; a header alone takes no memory.
	const { width, height } = await understand(() => sharp(bytes, { limitInputPixels: false }).metadata());
	if (width * height > MAX_PIXELS) {
		const what = `it has ${width} x ${height} pixels, and ${MAX_PIXELS} are the most that are read`;
		throw new GraftError('DATA', what, { width, height, limit: MAX_PIXELS });
	}
	return { width, height };
}

/**
 * All pixels, as Keras reads them: without the camera's rotation, without colour management, without transparency; one
 * channel is the luma of ITU-R 601, as Pillow's mode L. @throws GraftError DATA where they cannot all be read.
 */
export async function decodeImage(bytes: Uint8Array, channels: number): Promise<Pixels> {
	await readImageSize(bytes);
	const { data, info } = await understand(() =>
		open(bytes).toColourspace('srgb').removeAlpha().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }),
	);
	const rgb = { width: info.width, height: info.height, channels: info.channels, values: new Uint8Array(data) };
	if (rgb.channels === channels) return rgb;
	return channels === 1 ? lumaOf(rgb) : spread(rgb, channels);
}

const open = (bytes: Uint8Array) =>
	// Its own limit guards what the header hides; `error` refuses broken data and lets remarks pass.
	sharp(bytes, { failOn: 'error', limitInputPixels: MAX_PIXELS, ignoreIcc: true, pages: 1 });

async function understand<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (cause) {
		if (cause instanceof GraftError) throw cause;
		// The library's own words: a line for each part that it tried.
		const why = (cause as Error).message
			.replace(/^Input buffer/, 'it')
			.replaceAll(/\s+/g, ' ')
			.trim()
			.replace(/:$/, '')
			.slice(0, 160);
		throw new GraftError('DATA', why === '' ? 'it is empty' : why, {}, { cause });
	}
}

/** Pillow's integers: (19595 R + 38470 G + 7471 B + 32768) / 65536. */
function lumaOf({ width, height, channels, values }: Pixels): Pixels {
	const luma = new Uint8Array(width * height);
	for (let at = 0; at < luma.length; at++) {
		const [r = 0, g = 0, b = 0] = [values[at * channels], values[at * channels + 1], values[at * channels + 2]];
		luma[at] = (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;
	}
	return { width, height, channels: 1, values: luma };
}

/** A grey image as one of several channels. */
function spread({ width, height, channels: had, values }: Pixels, channels: number): Pixels {
	const all = new Uint8Array(width * height * channels);
	for (let at = 0; at < all.length; at++) all[at] = values[Math.floor(at / channels) * had] ?? 0;
	return { width, height, channels, values: all };
}
