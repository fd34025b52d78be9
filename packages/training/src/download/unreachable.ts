import { GraftError } from '@graft/domain/error';

/** A host that cannot be asked: what happened, and what else there is to do. */
export function unreachable(url: string, cause: unknown): GraftError {
	const { host } = new URL(url);
	return new GraftError(
		'UNAVAILABLE',
		`${host} cannot be reached (${reasonOf(cause)}). Behind a proxy set HTTPS_PROXY; without a network, fetch the files elsewhere and use \`graft backbone import\`.`,
		{ url },
		{ cause },
	);
}

/** The innermost reason: fetch itself only says that it failed. */
function reasonOf(error: unknown): string {
	let at = error;
	while (at instanceof Error && at.cause instanceof Error) at = at.cause;
	if (!(at instanceof Error)) return String(at);
	const { code } = at as { code?: unknown };
	return typeof code === 'string' && !at.message.includes(code) && !(at instanceof GraftError)
		? `${code}: ${at.message}`
		: at.message;
}
