import { findAttemptByToken } from '@graft/database/attempt';
import { appendLines } from '@graft/database/log';
import { invalidInput, tooLarge } from '@graft/domain/error';
import { type LeaseProof, leaseLost } from '@graft/domain/lease';
import type { Context } from '../context/context.js';
import { isId, toStorableText } from '../context/storable.js';
import { topics } from '../context/topics.js';
import type { Engine } from '../contract/engine.js';
import { whyLost } from '../lease/settle.js';
import { hashToken } from '../lease/token.js';
import { outOfOrder, refuseSequence } from '../metric/log-metrics.js';

const LINES_PER_CALL = 10_000;
const LINE_LENGTH = 100_000;

/** Stores lines once, however often they are sent. What the database cannot hold becomes the replacement character. */
export async function logLines(
	context: Context,
	{ runId, token }: LeaseProof,
	sequence: number,
	lines: readonly string[],
): ReturnType<Engine['logLines']> {
	const refused = refuseSequence(sequence);
	if (refused !== null) return refused;
	if (lines.length > LINES_PER_CALL)
		return tooLarge(`One call takes ${LINES_PER_CALL} lines at the most.`, LINES_PER_CALL);
	const long = lines.findIndex((line) => line.length > LINE_LENGTH);
	if (long >= 0) return invalidInput(`lines[${long}]`, `A line has ${LINE_LENGTH} characters at the most.`);
	if (!isId(runId)) return leaseLost(`There is no run ${runId}.`);
	const hash = hashToken(token);
	const storable = lines.map(toStorableText);
	if (await appendLines(context.database, runId, hash, sequence, storable)) {
		context.announce([topics.log(runId)]);
		return { kind: 'LinesLogged', sequence, duplicate: false };
	}
	const attempt = await findAttemptByToken(context.database, runId, hash);
	if (attempt === null) return leaseLost('This token is not a lease of this run.');
	if (attempt.endedAt !== null) return whyLost(attempt);
	return sequence <= attempt.lastLogSequence
		? { kind: 'LinesLogged', sequence, duplicate: true }
		: outOfOrder(sequence, attempt.lastLogSequence);
}
