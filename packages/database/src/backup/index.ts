export {
	findMigrations,
	findTables,
	hasRows,
	keepFiles,
	mayRemoveFiles,
	readOneMoment,
	readRows,
	withoutForeignKeys,
	writeRows,
} from './tables.sql.js';
