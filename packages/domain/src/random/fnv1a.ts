/** FNV-1a, 32 bits, over the text's UTF-8 bytes: turns a name into a seed. */
export function fnv1a(text: string): number {
	let hash = 0x811c9dc5;
	for (const byte of utf8(text)) hash = Math.imul(hash ^ byte, 0x01000193);
	return hash >>> 0;
}

const MASK_64 = 0xffff_ffff_ffff_ffffn;

/** FNV-1a, 64 bits, as 16 hexadecimal digits: a short key for a text. No protection against an adversary. */
export function fnv1aHex64(text: string): string {
	let hash = 0xcbf2_9ce4_8422_2325n;
	for (const byte of utf8(text)) hash = ((hash ^ BigInt(byte)) * 0x100_0000_01b3n) & MASK_64;
	return hash.toString(16).padStart(16, '0');
}

/** By hand, because TextEncoder is no part of the language and this package uses nothing else. */
function* utf8(text: string): Generator<number> {
	for (const character of text) {
		const point = character.codePointAt(0) ?? 0;
		// A lone surrogate has no UTF-8 form; U+FFFD stands for it, as in TextEncoder.
		const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
		if (code < 0x80) {
			yield code;
		} else if (code < 0x800) {
			yield 0xc0 | (code >> 6);
			yield 0x80 | (code & 0x3f);
		} else if (code < 0x10000) {
			yield 0xe0 | (code >> 12);
			yield 0x80 | ((code >> 6) & 0x3f);
			yield 0x80 | (code & 0x3f);
		} else {
			yield 0xf0 | (code >> 18);
			yield 0x80 | ((code >> 12) & 0x3f);
			yield 0x80 | ((code >> 6) & 0x3f);
			yield 0x80 | (code & 0x3f);
		}
	}
}
