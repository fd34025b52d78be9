import { foldSearch } from '@graft/domain/log';
import type { Session, Statement } from '../connection/index.js';
import type { LinePosition, StoredLine } from './read-lines.sql.js';

/** Behind the line with a number, from 1 over all attempts; null where whoever stood there did not count. */
export interface NumberedPosition extends LinePosition {
	readonly number: number | null;
}
export interface NumberedLine extends StoredLine {
	readonly position: LinePosition & { readonly number: number };
}

/**
 * Under the collation C only A to Z change their case, on every server alike; strpos knows no wildcards. translate goes
 * through a text letter by letter even where it has nothing to do, which would double the time of most searches.
 */
const holds = (needle: string, from: string, to: string) => `(
	${needle} = '' OR strpos(
		CASE WHEN ${from} = '' THEN lower(line COLLATE "C") ELSE translate(lower(line COLLATE "C"), ${from}, ${to}) END,
		${needle}
	) > 0
)`;

/**
 * Reads on from the position in the order of the primary key, and stops at the last line of the page: a line is found
 * by reading what lies before it, once, since its number travels in the position. Chunks are compressed: array_cat with
 * nothing unpacks one, OFFSET 0 keeps the planner from unpacking it again at each place where it is used, which took as
 * long as the search.
 */
const list: Statement = {
	name: 'list-lines',
	text: `
		WITH unpacked AS (
			SELECT attempt, sequence, array_cat(lines, '{}') AS lines FROM log_chunk
			WHERE run_id = $1 AND (attempt, sequence) >= ($2, $3)
			ORDER BY attempt, sequence OFFSET 0
		), chunk AS (
			SELECT attempt, sequence, lines,
				sum(cardinality(lines)) OVER (ORDER BY attempt, sequence ROWS UNBOUNDED PRECEDING) - cardinality(lines)
					+ coalesce($5::bigint - $4::integer, (
						SELECT coalesce(sum(cardinality(lines)), 0) FROM log_chunk
						WHERE run_id = $1 AND (attempt, sequence) < ($2, $3)
					)) AS before
			FROM unpacked
		)
		SELECT attempt, sequence, index::integer, before + index AS number, line
		FROM chunk, unnest(lines) WITH ORDINALITY AS numbered (line, index)
		WHERE NOT (attempt = $2 AND sequence = $3 AND index <= $4::integer) AND ${holds('$6::text', '$7::text', '$8::text')}
		ORDER BY attempt, sequence, index LIMIT $9`,
};

/** At most `limit` lines after a position that contain a text (foldSearch says how), each with its number in the run. */
export async function listLines(
	session: Session,
	runId: string,
	{ after, search, limit }: { readonly after: NumberedPosition; readonly search: string; readonly limit: number },
): Promise<readonly NumberedLine[]> {
	const { needle, from, to } = foldSearch(search);
	const rows = await session.query<LinePosition & { number: number; line: string }>(list, [
		...[runId, after.attempt, after.sequence, after.index, after.number],
		...[needle, from, to, limit],
	]);
	return rows.map(({ line, ...position }) => ({ position, line }));
}

const countAll: Statement = {
	name: 'count-lines',
	text: `SELECT coalesce(sum(cardinality(lines)), 0) AS lines FROM log_chunk WHERE run_id = $1`,
};
const countHolding: Statement = {
	name: 'count-lines-with',
	text: `
		SELECT count(*) AS lines FROM log_chunk, unnest(lines) AS line
		WHERE run_id = $1 AND ${holds('$2::text', '$3::text', '$4::text')}`,
};

/** How many lines of the run contain a text; of the empty text, how many it has. */
export async function countLines(session: Session, runId: string, search: string): Promise<number> {
	const { needle, from, to } = foldSearch(search);
	const [row] =
		needle === ''
			? await session.query<{ lines: number }>(countAll, [runId])
			: await session.query<{ lines: number }>(countHolding, [runId, needle, from, to]);
	return row?.lines ?? 0;
}
