/** A full batch of metrics as text has some 6 MB; ten times that leaves room and still bounds one client's memory. */
export const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

/** What every answer carries: it is data, never a page. */
export const ANSWER_HEADERS = {
	'X-Content-Type-Options': 'nosniff',
	'X-Frame-Options': 'DENY',
	'Referrer-Policy': 'no-referrer',
	'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
	'Cross-Origin-Resource-Policy': 'same-site',
	'Cache-Control': 'no-store',
} as const;

/** In the form of GraphQL's own errors, so that a client of any age can show it. */
export const tooLargeError = () => ({
	message: `The request's body is larger than ${BODY_LIMIT_BYTES / 1024 / 1024} MB. Send it in smaller parts.`,
	extensions: { code: 'BAD_REQUEST', reason: 'BODY_TOO_LARGE', limit: BODY_LIMIT_BYTES },
});

export const unreadableError = (reason: string) => ({
	message: `The request's body could not be read (${reason}). Send JSON in UTF-8.`,
	extensions: { code: 'BAD_REQUEST', reason },
});
