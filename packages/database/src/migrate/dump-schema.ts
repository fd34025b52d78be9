import type { Database, Statement } from '../connection/index.js';

/**
 * The schema as text, from the catalog, in a fixed order: what a review of a migration reads, and what the test compares
 * with migrations/schema.sql. (pg_dump does not come with npm's PostgreSQL.)
 */
export async function dumpSchema(database: Database): Promise<string> {
	const tables = await database.query<Table>(TABLES);
	const parts: string[] = [];
	for (const table of tables) parts.push(await dumpTable(database, table));
	for (const { definition } of await database.query<{ definition: string }>(FUNCTIONS))
		parts.push(`${definition.trim()};`);
	for (const { definition } of await database.query<{ definition: string }>(TRIGGERS)) parts.push(`${definition};`);
	return `-- Written by the schema test (see migrations/README.md); do not edit.\n\n${parts.join('\n\n')}\n`;
}

interface Table {
	readonly name: string;
	readonly options: string[] | null;
	readonly partitioned: string | null;
}

async function dumpTable(database: Database, { name, options, partitioned }: Table): Promise<string> {
	const columns = await database.query<{ line: string }>(COLUMNS, [name]);
	const constraints = await database.query<{ line: string }>(CONSTRAINTS, [name]);
	const indexes = await database.query<{ definition: string }>(INDEXES, [name]);
	const body = [...columns, ...constraints].map(({ line }) => `\t${line}`).join(',\n');
	const tail = `${partitioned === null ? '' : ` PARTITION BY ${partitioned}`}${options === null ? '' : ` WITH (${options.join(', ')})`}`;
	return [`CREATE TABLE ${name} (\n${body}\n)${tail};`, ...indexes.map(({ definition }) => `${definition};`)].join(
		'\n',
	);
}

const TABLES: Statement = {
	name: 'dump-tables',
	text: `SELECT relname AS name, reloptions AS options, pg_get_partkeydef(oid) AS partitioned FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> 'migration'
			AND NOT relispartition
		ORDER BY relname`,
};
const COLUMNS: Statement = {
	name: 'dump-columns',
	text: `SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod),
			CASE WHEN attstorage <> typstorage THEN
				'STORAGE ' || CASE attstorage WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' WHEN 'p' THEN 'PLAIN' ELSE 'EXTENDED' END
			END,
			CASE WHEN attnotnull THEN 'NOT NULL' END,
			'DEFAULT ' || pg_get_expr(adbin, adrelid)) AS line
		FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
			LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
		WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
};
// Since version 18 each NOT NULL is a constraint of its own in the catalog; the column's line says it already.
const CONSTRAINTS: Statement = {
	name: 'dump-constraints',
	text: `SELECT format('CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) AS line FROM pg_constraint
		WHERE conrelid = $1::regclass AND contype <> 'n' ORDER BY contype = 'p' DESC, conname`,
};
const INDEXES: Statement = {
	name: 'dump-indexes',
	text: `SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
		WHERE indrelid = $1::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
		ORDER BY relname`,
};
const FUNCTIONS: Statement = {
	name: 'dump-functions',
	text: `SELECT pg_get_functiondef(oid) AS definition FROM pg_proc
		WHERE pronamespace = 'public'::regnamespace ORDER BY proname`,
};
const TRIGGERS: Statement = {
	name: 'dump-triggers',
	text: `SELECT pg_get_triggerdef(pg_trigger.oid) AS definition FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
		WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace ORDER BY relname, tgname`,
};
