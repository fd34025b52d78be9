/** Cursors are opaque to clients and plain inside: a letter for the stream, then JSON, in base64url. */
export function encodeCursor(stream: string, value: unknown): string {
	return Buffer.from(stream + JSON.stringify(value)).toString('base64url');
}

/** Null for anything that is no cursor of this stream. */
export function decodeCursor(stream: string, cursor: string): unknown {
	try {
		const text = Buffer.from(cursor, 'base64url').toString();
		return text.startsWith(stream) ? JSON.parse(text.slice(stream.length)) : null;
	} catch {
		return null;
	}
}

export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
