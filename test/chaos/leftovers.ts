import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding } from './finding.js';
import { CLOSE_WAIT, connections } from './sockets.js';
import type { Stage } from './stage.js';

/** Longer than the API processes let uncommitted bytes lie here. */
const COLLECTED_WITHIN_MS = 30_000;

export async function filesAndRows({ dataDir, sql }: Stage): Promise<Finding> {
	const folder = path.join(dataDir, 'api/artifacts');
	const look = async () => {
		const files = readdirSync(folder, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile() && entry.name !== 'upload-ticket.key')
			.map((entry) => path.join(entry.parentPath, entry.name));
		const digests = files.map((file) => path.relative(folder, file).replaceAll(path.sep, ''));
		const rows = new Set((await sql<{ digest: string }>('SELECT digest FROM blob')).map(({ digest }) => digest));
		const orphans = digests.filter((digest) => !rows.has(digest)).map((digest) => `ORPHAN: ${digest}`);
		const missing = [...rows].filter((digest) => !digests.includes(digest)).map((digest) => `MISSING: ${digest}`);
		const broken = files
			.filter((_, index) => rows.has(digests[index] ?? ''))
			.filter(
				(file) =>
					createHash('sha256').update(readFileSync(file)).digest('hex') !==
					path.relative(folder, file).replaceAll(path.sep, ''),
			)
			.map((file) => `BROKEN: ${file}`);
		const unused = await sql<{ digest: string }>(`
			SELECT digest FROM blob WHERE NOT EXISTS (SELECT FROM artifact WHERE artifact.digest = blob.digest)`);
		return {
			counted: files.length,
			against: [...orphans, ...missing, ...broken, ...unused.map(({ digest }) => `UNUSED: ${digest}`)],
		};
	};
	const deadline = Date.now() + COLLECTED_WITHIN_MS;
	let seen = await look();
	while (seen.against.length > 0 && Date.now() < deadline) {
		await sleep(1_000);
		seen = await look();
	}
	return { sentence: 'every file has its row, and every row its file', ...seen };
}

export async function noOpenLease({ sql }: Stage): Promise<Finding> {
	const open = await sql<{ id: string }>(
		`SELECT concat_ws(' ', 'attempt', run_id, number) AS id FROM attempt WHERE ended_at IS NULL
		UNION ALL SELECT concat_ws(' ', 'transaction of', application_name, 'open since', xact_start) FROM pg_stat_activity
			WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND xact_start < now() - interval '5 s'`,
	);
	const [sessions] = await sql<{ count: string }>(
		`SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'graft%'`,
	);
	// Two API processes with ten connections each, and one each that listens.
	const count = Number(sessions?.count ?? 0);
	const leaked = count > 22 ? [`${count} database connections of two API processes`] : [];
	return {
		sentence: 'no lease, transaction or connection is left open',
		counted: count,
		against: [...open.map(({ id }) => id), ...leaked],
	};
}

/** Longer than the API waits for the rest of a refused upload. */
const HEARD_WITHIN_MS = 10_000;

/** Bytes that an API process does not read hold up whoever sent them; ends that it does not close are lost to it. */
export async function noDeafSocket({ apis }: Stage): Promise<Finding> {
	const ports = new Set(apis.map((api) => Number(new URL(api.url()).port)));
	const deaf = () =>
		connections().filter(
			({ localPort, state, unread }) => ports.has(localPort) && (state === CLOSE_WAIT || unread > 0),
		);
	const deadline = Date.now() + HEARD_WITHIN_MS;
	while (deaf().length > 0 && Date.now() < deadline) await sleep(100);
	return {
		sentence: 'every socket is read, and closed where the other end has gone',
		counted: connections().filter(({ localPort }) => ports.has(localPort)).length,
		against: deaf().map(
			({ remotePort, state, unread }) => `socket of ${remotePort}: state ${state}, ${unread} bytes unread`,
		),
	};
}
